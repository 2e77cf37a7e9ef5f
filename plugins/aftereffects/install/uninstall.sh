#!/bin/sh
# Takes Megaton Roto out of After Effects on macOS. Another folder: sh uninstall.sh FOLDER
set -eu

panel=com.megatonroto.panel
if [ $# -gt 0 ]; then
  extensions=$1
else
  extensions="$HOME/Library/Application Support/Adobe/CEP/extensions"
fi
if pgrep -x "After Effects" >/dev/null 2>&1; then
  echo "After Effects is running. Close it, then start this again." >&2
  exit 1
fi
if [ ! -e "$extensions/$panel" ]; then
  echo "There is no Megaton Roto in $extensions."
  exit 0
fi
rm -rf "${extensions:?}/$panel"
echo "Megaton Roto is gone from $extensions."
echo "Panels without a signature are still allowed, other panels may need that. To forbid them:"
echo "  defaults delete com.adobe.CSXS.11 PlayerDebugMode"
echo "  defaults delete com.adobe.CSXS.12 PlayerDebugMode"
