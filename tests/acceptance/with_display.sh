#!/bin/bash
# Run a command inside a private display + session bus + accessibility bus.
#   with_display.sh [--size 1280x900] [--no-wm] [--no-a11y] [--composite] [--keep DIR] -- command args...
#   --no-a11y    for in-process tests: no accessibility bus, locale untouched
#   --composite  also run a compositing manager: rounded corners, shadows, popovers look right
#   env: LANGUAGE_UNDER_TEST=en; XSETTINGS='Xft/DPI 196608' (200 % text) starts xsettingsd with it
# Every helper process is started by this script and stopped by its own pid.
set -u
SIZE=1280x900 WM=1 A11Y=1 COMP=0 KEEP=
while [ $# -gt 0 ]; do
  case $1 in
    --size) SIZE=$2; shift 2;;
    --no-wm) WM=0; shift;;
    --no-a11y) A11Y=0; shift;;
    --composite) COMP=1; shift;;
    --keep) KEEP=$2; shift 2;;
    --) shift; break;;
    *) break;;
  esac
done
[ $# -gt 0 ] || { echo "usage: $0 [options] -- command" >&2; exit 2; }

RUN=${KEEP:-$(mktemp -d /tmp/with_display.XXXXXX)}
mkdir -p "$RUN"/{runtime,config,data,cache}
chmod 700 "$RUN/runtime"
PIDS=()
stop() {                                   # newest first, by pid only
  local i
  for ((i=${#PIDS[@]}-1; i>=0; i--)); do kill "${PIDS[i]}" 2>/dev/null; done
  for ((i=${#PIDS[@]}-1; i>=0; i--)); do wait "${PIDS[i]}" 2>/dev/null; done
  [ -n "$KEEP" ] || rm -rf "$RUN"
}
trap stop EXIT
trap 'exit 130' INT TERM

export XDG_RUNTIME_DIR=$RUN/runtime XDG_CONFIG_HOME=$RUN/config XDG_DATA_HOME=$RUN/data XDG_CACHE_HOME=$RUN/cache
export GDK_BACKEND=x11 GSK_RENDERER=cairo LIBGL_ALWAYS_SOFTWARE=1 GDK_SYNCHRONIZE=0
export GTK_USE_PORTAL=0 GIO_USE_VFS=local GSETTINGS_BACKEND=${GSETTINGS_BACKEND:-memory}
if [ $A11Y = 1 ]; then
  # Debian's minimal system has no other locale; LANGUAGE works with it.
  export LANG=C.UTF-8 LANGUAGE=${LANGUAGE_UNDER_TEST:-es}
  unset LC_ALL LC_MESSAGES
fi
unset WAYLAND_DISPLAY

wait_file() { local n=0; until [ -s "$1" ]; do sleep .02; n=$((n+1)); [ $n -gt 500 ] && { echo "timeout: $1" >&2; exit 3; }; done; }

Xvfb -displayfd 3 -screen 0 ${SIZE}x24 -nolisten tcp -noreset 3>"$RUN/display" 2>"$RUN/xvfb.log" & PIDS+=($!)
wait_file "$RUN/display"; export DISPLAY=:$(cat "$RUN/display")

# Xvfb has a US keyboard. Give Spanish letters their own keys, so that xdotool types them as plain keys
# (its on-the-fly remapping turns capital accented letters into small ones and drops some).
mapfile -t FREE < <(xmodmap -pke | awk '$1=="keycode" && NF==3 {print $2}' | tac)
PAIRS=("ntilde Ntilde" "aacute Aacute" "eacute Eacute" "iacute Iacute" "oacute Oacute" "uacute Uacute"
       "udiaeresis Udiaeresis" "questiondown exclamdown" "guillemotleft guillemotright" "endash emdash"
       "degree ordfeminine" "EuroSign masculine")
for i in "${!PAIRS[@]}"; do [ -n "${FREE[i]:-}" ] && xmodmap -e "keycode ${FREE[i]} = ${PAIRS[i]}"; done

dbus-daemon --session --nofork --nopidfile --print-address=3 3>"$RUN/bus" 2>"$RUN/dbus.log" & PIDS+=($!)
wait_file "$RUN/bus"; export DBUS_SESSION_BUS_ADDRESS=$(cat "$RUN/bus")

if [ $A11Y = 1 ]; then
  /usr/libexec/at-spi-bus-launcher --launch-immediately >"$RUN/atspi.log" 2>&1 & PIDS+=($!)
  gdbus wait --session --timeout 5 org.a11y.Bus
  gdbus call --session --dest org.a11y.Bus --object-path /org/a11y/bus \
    --method org.freedesktop.DBus.Properties.Set org.a11y.Status IsEnabled '<true>' >/dev/null
else
  export GTK_A11Y=${GTK_A11Y:-none} NO_AT_BRIDGE=1
fi
if [ $WM = 1 ]; then openbox --sm-disable >"$RUN/wm.log" 2>&1 & PIDS+=($!); sleep .3; fi

if [ $COMP = 1 ]; then picom --backend xrender --config /dev/null >"$RUN/comp.log" 2>&1 & PIDS+=($!); sleep .5; fi
if [ -n "${XSETTINGS:-}" ]; then
  printf '%s' "$XSETTINGS" | tr ';' '\n' | sed 's/^ *//' >"$RUN/xsettings.conf"; echo >>"$RUN/xsettings.conf"
  xsettingsd -c "$RUN/xsettings.conf" >"$RUN/xsettingsd.log" 2>&1 & PIDS+=($!); sleep .3
fi

"$@"
rc=$?
exit $rc
