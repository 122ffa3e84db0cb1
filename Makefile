# `make repro` and `make test` need Python 3.11, 3.12 or 3.13, git and make; they bring everything else.
PYTHONS := python3.11 python3.12 python3.13
# a version manager's python3.12 may be there and not run
PYTHON ?= $(firstword $(foreach python,$(PYTHONS),$(shell $(python) --version >/dev/null 2>&1 && echo $(python))))
VENV := .venv
BIN := $(CURDIR)/$(VENV)/bin
STAMP := $(VENV)/installed-$(shell cat requirements.lock pyproject.toml | cksum | cut -d ' ' -f 1)

export PATH := $(BIN):$(PATH)
export DVC_NO_ANALYTICS := true
export MLFLOW_DISABLE_TELEMETRY := true
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# stages run alone, so that TensorFlow's notes do not bury their words
export TF_CPP_MIN_LOG_LEVEL := 3

.DEFAULT_GOAL := help
.PHONY: help env repro test slow old-cpu lint types audit format stage-code figures screenshots lock clean

help:  ## this list
	@awk -F ':.*## *' '/^[a-z-]+:.*##/ {printf "%-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

env: $(STAMP)  ## the environment, in .venv

$(STAMP):
	@$(if $(PYTHON),,echo "make: none of $(PYTHONS) runs here. Install one of them, or name one: make PYTHON=/path/to/python $(MAKECMDGOALS)"; exit 1)
	@$(PYTHON) --version >/dev/null || { echo "make: PYTHON=$(PYTHON) does not run. Name one of $(PYTHONS), or its path."; exit 1; }
	@echo "$(VENV) is made with $(PYTHON), $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV)
	"$(BIN)/pip" install --quiet --require-hashes -r requirements.lock
	"$(BIN)/pip" install --quiet --no-deps --no-build-isolation -e .
	@echo "compiling what a prediction needs, about half a minute"
	@"$(BIN)/xrdsym" predict examples/corundum.cif examples/corundum.csv --radiation CuKa >/dev/null \
	  || echo "not compiled: the first prediction will do it, and take longer"
	@case "$(CURDIR)" in *[!\ -~]*) echo "Experiments cannot be queued in $(CURDIR): DVC's queue takes paths of ASCII" \
	  "letters only. All else works; move the project before \`dvc exp run --queue\`." ;; esac
	@rm -f $(VENV)/installed-*
	@touch $@

repro: env  ## the pipeline on the embedded structures, without a network; its results are the experiment `baseline`
	dvc repro
	@if git config user.name >/dev/null && git config user.email >/dev/null; \
	then dvc exp save --quiet --force --name baseline; \
	else echo "No experiment baseline: experiments need a name and an email address in git. Set them with" \
	  "git config --global user.name NAME and git config --global user.email EMAIL, then run make repro again."; fi
	@xrdsym results

test: env lint types  ## lint, types and tests
	pytest -m "not slow" -n 2

slow: env  ## the tests that take longer
	pytest -m slow -n 2 --dist loadfile

# the rooms whose results are sums of many numbers
NUMERICAL := augmentation data diffraction encoding evaluation indexing measured models/baselines
# NumPy, OpenBLAS and Numba choose their code by the processor: here that of one of 2008
OLD = NPY_DISABLE_CPU_FEATURES="$$(python -c 'import numpy; print(*numpy.show_config("dicts")["SIMD Extensions"]["found"])')" \
  OPENBLAS_CORETYPE=Nehalem NUMBA_CPU_NAME=generic NUMBA_CPU_FEATURES=

old-cpu: env  ## the numerical tests with the instructions of an old processor
	$(OLD) pytest -m "not slow" -n 2 $(addprefix tests/,$(NUMERICAL))

lint: env
	ruff check .
	ruff format --check .
	lint-imports --no-logo

types: env
	mypy

AUDIT := build/audit
audit: env  ## known vulnerabilities of the locked packages
	@rm -f $(AUDIT).json
	@$(PYTHON) -m venv $(AUDIT)
	@$(AUDIT)/bin/pip install --quiet "pip-audit>=2.9,<3" 2>/dev/null && { $(AUDIT)/bin/pip-audit --requirement requirements.lock \
	  --no-deps --disable-pip --progress-spinner off --format json --output $(AUDIT).json 2>/dev/null || true; } \
	  || echo "pip-audit cannot be installed here"
	@if [ -f $(AUDIT).json ]; then python .ci/audit.py $(AUDIT).json; else echo "nothing was audited"; fi

format: env  ## the code as the linter wants it
	ruff format .
	ruff check --fix .

stage-code: env  ## the code that each stage depends on, written into dvc.yaml from the imports
	python tests/stage_code.py

figures: env  ## the figures of README.md and docs/results.md
	python -m research.document_figures

screenshots: env  ## the pictures of MLflow in docs/images, from this project's runs and studies (needs Chromium)
	python docs/screenshots.py

lock:  ## requirements.lock anew from pyproject.toml (needs uv)
	uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-header --upgrade --output-file requirements.lock

clean:  ## everything that can be made again, the environment and the results
	rm -rf $(VENV) data/images data/*.parquet data/*.csv models/mobilenetv2 models/.checkpoints reports
