#!/bin/sh
# What `npm start` runs. `npm ci` has built dist/, unless scripts are switched off; a source that is newer calls for another
# build. The service takes the place of this shell, so that a signal to npm reaches it.
set -eu

fail() {
  echo "tooken: $1" >&2
  exit 1
}

is_stale() {
  [ ! -f dist/main.js ] || [ -n "$(find src -newer dist/main.js | head -n 1)" ]
}

[ -d node_modules/hono ] || fail 'The packages are not installed. Run: npm ci'
if [ -d src ] && [ -d node_modules/typescript ] && is_stale; then
  echo 'Building dist/ from src/' >&2
  npm run --silent build >&2 || fail 'The build failed. If the sources are new, so may be their packages. Run: npm ci'
fi
[ -f dist/main.js ] || fail 'There is no dist/, and no compiler to make it. Run: npm ci --include=dev'

exec node dist/main.js
