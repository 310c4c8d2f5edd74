# Login shells find the desktop too, whatever started them.
export DISPLAY="${DISPLAY:-:99}"
