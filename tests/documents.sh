#!/bin/sh
# Checks that the documents and the code agree: support/php/documents.php says what is checked.
exec php "$(dirname "$0")/support/php/documents.php" "$@"
