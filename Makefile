# Two commands do everything: `make run` and `make test`. Each brings what it needs.
SHELL := /bin/sh
.PHONY: run test check bench build docs clean

# Node 24 or newer: the machine's own, or one brought into .node/. Recipes get it through PATH.
WITH_NODE = NODE_BIN=$$(scripts/node.sh) && PATH="$$NODE_BIN:$$PATH"

# Not `npm ci`: it refuses a lock file that leaves out other platforms' binaries, as one written behind a mirror without them does.
# Node is brought meanwhile; whether it came is seen by the next recipe, which asks again.
node_modules/.installed: package.json package-lock.json web/package.json
	scripts/node.sh >/dev/null & npm install --no-save --no-audit --no-fund --loglevel=error && wait
	touch $@

run: build
	$(WITH_NODE) node dist/main.js demo $(ARGS)

build: node_modules/.installed
	$(WITH_NODE) node scripts/build.ts

test: node_modules/.installed
	$(WITH_NODE) node scripts/test.ts $(ARGS)

check: node_modules/.installed
	$(WITH_NODE) npm run --silent check

bench: build
	$(WITH_NODE) node bench/run.ts $(ARGS)

docs: node_modules/.installed
	$(WITH_NODE) node scripts/check-docs.ts --write

clean:
	rm -rf dist web/dist node_modules .node
