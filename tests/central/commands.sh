#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# An operator's day by commands: make a central and a campaign, let a laptop join and deliver, destroy
# what a person takes back, export, verify, revoke.
#   commands.sh PLAZA_CENTRAL PLAZACTL SOURCE_ROOT
set -eu
central=$(realpath "$1") plazactl=$(realpath "$2") root=$(realpath "$3")
dir=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$dir"' EXIT
cd "$dir"
export PLAZA_CENTRAL_DIR=$dir/central PLAZA_DATA_DIR=$dir/laptop LANGUAGE=en

n=0
ok() { n=$((n + 1)); echo "ok $n $1"; }
fails() { # STATUS COMMAND…
  local want=$1 got=0
  shift
  "$@" >out.txt 2>&1 || got=$?
  [ "$got" = "$want" ] || { echo "not ok: $* ended with $got, not $want"; cat out.txt; exit 1; }
}
has() { grep -q -- "$1" out.txt || { echo "not ok: no $1 in"; cat out.txt; exit 1; }; }

form=$root/data/questionnaires/consulta_temas
mkdir media
cp "$root"/data/catalogues/*.csv "$form"/*.csv media
port=$((20000 + RANDOM % 20000))

fails 0 "$central" --help; has serve
fails 2 "$central"
fails 2 "$central" nothing
fails 2 "$central" init
fails 0 "$central" init central --practice --url "https://127.0.0.1:$port"
fails 4 "$central" init central
fails 1 "$central" enrol --person Ana
ok 'init'

build=("$central" campaign build --form "$form/consulta-temas.xml" --media media --settings
  "$form/manifest.json" --organisation 'SFP=Función Pública' --out unsigned)
fails 2 "${build[@]}" --practice
fails 4 "${build[@]}" --new-keys keys
fails 0 "${build[@]}" --practice --new-keys keys; has 'Take them off the server'
fails 4 "${build[@]}" --practice --keys keys
fails 0 "$central" campaign sign unsigned --key keys/campaign.key
fails 0 "$central" campaign list --json; has '"practice":true'
"$central" init real >/dev/null
fails 0 "$central" campaign sign unsigned --key keys/campaign.key --out package.plzcmp
fails 4 "$central" campaign install package.plzcmp -C real
ok 'campaign'

# A newer package of the campaign: only forward, and only what is given changes.
newer=("$central" campaign build --from package.plzcmp)
fails 2 "${newer[@]}"
fails 2 "${newer[@]}" --out newer --keys keys
fails 1 "${newer[@]}" --out wrong --asking-ends 30/06/2019
fails 1 "${newer[@]}" --out wrong --revoke x
fails 1 "${newer[@]}" --out wrong --serial 1
device=017f22e2-79b0-7cc3-98c4-dc0c0c07398f
fails 0 "${newer[@]}" --out newer --asking-ends 2099-06-30 --keying-ends 2099-07-15 --revoke $device \
  --organisation 'RED=Red de Mujeres'
grep -q '"asking_ends":"2099-06-30"' newer/manifest.json
grep -q '"serial":2' newer/manifest.json
fails 0 "$central" campaign sign newer --key keys/campaign.key --json; has '"serial":2'
fails 0 "$central" campaign sign newer --key keys/campaign.key --out second.plzcmp
fails 0 "$central" campaign install second.plzcmp
fails 4 "$central" campaign install package.plzcmp; has 'not newer'
[ "$(ls central/replaced | wc -l)" = 1 ]
# Another version of the form beside the one before.
sed 's/version="[0-9]*"/version="99"/' "$form/consulta-temas.xml" >changed.xml
sed 's/Consulta/Otra/' "$form/consulta-temas.xml" >other.xml
fails 4 "$central" campaign build --from second.plzcmp --form other.xml --media media --out same-version
fails 0 "$central" campaign build --from second.plzcmp --form changed.xml --media media --out third
[ "$(grep -o '"form_id"' third/manifest.json | wc -l)" = 2 ]
grep -q '"revoked":\["'$device third/manifest.json
[ "$(sed 's/.*"questionnaires"://' third/manifest.json | grep -o '"version":"[^"]*"' | head -n 1)" = \
  '"version":"99"' ]
fails 0 "$central" campaign sign third --key keys/campaign.key --json; has '"serial":3'
# Code lists that changed: the version before would ask with them, so it stays where it was.
cp -r media media2
sed -i 's/Aguascalientes/Aguas Calientes/' media2/estados.csv
sed 's/version="[0-9]*"/version="100"/' "$form/consulta-temas.xml" >changed.xml
fails 0 "$central" campaign build --from second.plzcmp --form changed.xml --media media2 --out fourth
has 'is left out, since estados.csv changed'
[ "$(grep -o '"form_id"' fourth/manifest.json | wc -l)" = 1 ]
ok 'campaign update'

fails 0 "$central" enrol --person Ana --organisation SFP --out codes --json; has '"link":"plaza://join'
fails 0 "$central" enrol --person Eva --count 3 --out codes
[ "$(ls codes/*.plazajoin | wc -l)" = 4 ]
fails 1 "$central" enrol --person Ana --organisation none
ok 'enrol'

"$central" serve >serve.txt 2>&1 &
server=$!
for _ in $(seq 100); do grep -q listening serve.txt && break; sleep 0.1; done
fails 3 "$central" serve
echo 'el pozo esta seco desde mayo' >pass.txt
"$plazactl" join codes/Ana.plazajoin --name Ana --passphrase-file pass.txt >/dev/null 2>&1
"$plazactl" respond --from "$form/sample.jsonl" --passphrase-file pass.txt >/dev/null 2>&1 || true
"$plazactl" deliver --hand-in --passphrase-file pass.txt >/dev/null 2>&1
fails 0 "$central" export first --json
responses=$(grep -o '"responses":[0-9]*' out.txt | cut -d: -f2)
[ "$responses" -gt 0 ]
[ "$(find first/responses -name '*.xml' | wc -l)" = "$responses" ]
fails 4 "$central" export first
ok 'export'

fails 0 "$central" contact open first --key keys/custody.key --out contacts.csv
[ "$(wc -l <contacts.csv)" = $(($(ls first/contacts | wc -l) + 1)) ]
grep -q contacto_nombre contacts.csv
[ "$(stat -c %a contacts.csv)" = 600 ]
fails 4 "$central" contact open first --key keys/custody.key --out contacts.csv
fails 1 "$central" contact open first/contacts --key keys/recovery.key --out other.csv; has 'another custody key'
fails 1 "$central" contact open first/responses --key keys/custody.key --out other.csv
fails 2 "$central" contact open first
[ ! -e other.csv ]
ok 'contact open'

fails 0 "$central" status; has "responses: $responses, late: 0"; has 'Last backup: never'
fails 0 "$central" status --json; has "\"responses\":$responses,"; has '"missing":""'
fails 0 "$central" people list --json; has '"person":"Ana","role":"facilitator"'
fails 0 "$central" migrate --dry-run; has 'up to date'
fails 0 "$central" migrate --json; has '"run":\[\]'
ok 'status'

# beside the running server: the folio of the first response, in any spelling
id=$(sed -n 2p first/responses.csv | cut -d, -f1)
folio=$(sed -n 2p first/responses.csv | cut -d, -f3)
[ -n "$folio" ] && [ "$(cut -d, -f3 first/responses.csv | grep -c -- "$folio")" = 1 ] || folio=$id
fails 1 "$central" withdraw 00-AA-00000-A
fails 0 "$central" withdraw "$(tr A-Z a-z <<<"$folio")"; has "$id"
fails 0 "$central" withdraw "$id"
fails 1 "$central" contact delete 0000-0000-0000-0
fails 0 "$central" verify --json
fails 0 "$central" export second --json; has "\"responses\":$((responses - 1)),"; has '"withdrawn":1'
[ ! -e "second/responses/$id.xml" ]
ok 'withdraw'

device=$("$central" device list --json | grep -o '"device":"[^"]*"' | cut -d'"' -f4)
fails 0 "$central" device revoke "$device"
fails 1 "$central" device revoke "$device"
fails 0 "$central" device list; has '(revoked)'
ok 'device'

kill -HUP "$server"
kill "$server"
wait "$server"
server=
grep -q 'event=reloaded' serve.txt
ok 'stop'

chmod 644 central/central.conf
fails 1 "$central" verify; has 'may be read by others'
chmod 600 central/central.conf
ok 'modes'
echo "1..$n"
