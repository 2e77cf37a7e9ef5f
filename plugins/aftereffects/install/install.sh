#!/bin/sh
# Megaton Roto for After Effects on macOS: puts the panel where this user's After Effects looks and
# allows panels that are not signed. Another folder: sh install.sh /path/to/CEP/extensions
set -eu

panel=com.megatonroto.panel
here=$(cd "$(dirname "$0")" && pwd)

stop() {
  printf '%s\n' "$@" >&2
  exit 1
}

[ -f "$here/$panel/CSXS/manifest.xml" ] ||
  stop "The folder $panel is missing beside this script." "Unpack the whole zip and start it there."
if [ $# -gt 0 ]; then
  extensions=$1
elif [ "$(uname)" = Darwin ]; then
  extensions="$HOME/Library/Application Support/Adobe/CEP/extensions"
else
  stop "After Effects does not run on $(uname)." "To fill a folder for others: sh install.sh FOLDER"
fi
if pgrep -x "After Effects" >/dev/null 2>&1; then
  stop "After Effects is running." "Close it, then start this again."
fi

# The new panel is complete before the old one goes; After Effects never sees both.
waiting="$(dirname "$extensions")/$panel.new"
old="$(dirname "$extensions")/$panel.old"
mkdir -p "$extensions"
rm -rf "$waiting" "$old"
cp -R "$here/$panel" "$waiting"
if [ -e "$extensions/$panel" ]; then
  mv "$extensions/$panel" "$old"
fi
if ! mv "$waiting" "$extensions/$panel"; then
  if [ -e "$old" ]; then
    mv "$old" "$extensions/$panel"
  fi
  stop "$extensions could not be written."
fi
rm -rf "$old"
echo "The panel: $extensions/$panel"

if command -v defaults >/dev/null 2>&1; then
  for version in 11 12; do
    defaults write "com.adobe.CSXS.$version" PlayerDebugMode 1
  done
  echo "Panels without a signature are allowed (PlayerDebugMode of CSXS 11 and 12)."
fi
echo "Start After Effects: Window > Extensions > Megaton Roto."
