#!/bin/bash
# Hostile XForms: each is refused, or handled, within the time limit, with a message and no crash.
#   hostile-forms.sh PLAZACTL
set -u
plazactl=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
n=0 bad=0

form() { # NAME INSTANCE BINDS BODY [BEFORE]
  cat >"$dir/$1.xml" <<XML
<?xml version="1.0"?>${5:-}
<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml" xmlns:jr="http://openrosa.org/javarosa">
<h:head><h:title>t</h:title><model><instance><data id="t" version="1">$2</data></instance>$3</model></h:head>
<h:body>$4</h:body></h:html>
XML
}

report() { # OK NAME WHY
  n=$((n + 1))
  if [ "$1" = 0 ]; then echo "ok $n - $2"; else
    bad=1
    echo "not ok $n - $2: $3"
  fi
}

refused() { # NAME PATTERN: exit status 1 with a message that matches, and none of the file's secrets
  local out rc
  out=$(timeout 20 "$plazactl" form check "$dir/$1.xml" 2>&1)
  rc=$?
  if [ $rc = 1 ] && grep -qiE "$2" <<<"$out" && ! grep -q root: <<<"$out"; then report 0 "$1"; else
    report 1 "$1" "status $rc: ${out:0:300}"
  fi
}

bounded() { # NAME STEPS: playing the steps ends in time, alive, one JSON line a step
  local out rc
  out=$(printf '%s\n' "$2" | timeout 30 "$plazactl" form play "$dir/$1.xml" 2>&1)
  rc=$?
  if [ $rc -lt 2 ] && [ -n "$out" ]; then report 0 "$1"; else report 1 "$1" "status $rc: ${out:0:300}"; fi
}

echo 1..12
form entity-expansion '<a>&d;</a>' '' '<input ref="/data/a"/>' '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;">]>'
refused entity-expansion 'entit|DTD|DOCTYPE'
form external-entity '<a>&x;</a>' '' '<input ref="/data/a"/>' '<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
refused external-entity 'entit|DTD|DOCTYPE'
form cycle '<a/><b/><c/>' '<bind nodeset="/data/a" calculate="/data/b + 1"/><bind nodeset="/data/b" calculate="/data/c + 1"/><bind nodeset="/data/c" calculate="/data/a + 1"/>' '<input ref="/data/a"/>'
refused cycle '/data/a'
form own-cycle '<a/>' '<bind nodeset="/data/a" relevant="/data/a = 1"/>' '<input ref="/data/a"/>'
refused own-cycle '/data/a'
form unknown-function '<a/>' '<bind nodeset="/data/a" calculate="no-such-function(1)"/>' '<input ref="/data/a"/>'
refused unknown-function 'no-such-function'
form broken-expression '<a/>' '<bind nodeset="/data/a" relevant="1 = = 2"/>' '<input ref="/data/a"/>'
refused broken-expression 'relevant|expression|XPath'
{
  printf '<?xml version="1.0"?><h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"><h:head><model><instance><data id="t">'
  printf '<a>%.0s' {1..5000}
  printf '</a>%.0s' {1..5000}
  printf '</data></instance></model></h:head><h:body/></h:html>'
} >"$dir/deep.xml"
refused deep 'deep|depth|nest|limit'
deep_expression=$(printf '(%.0s' {1..4000})1$(printf ')%.0s' {1..4000})
form deep-expression '<a/>' "<bind nodeset=\"/data/a\" calculate=\"$deep_expression\"/>" '<input ref="/data/a"/>'
refused deep-expression 'deep|depth|nest|limit'
form not-a-form '<a/>' '' ''
printf '<html><body>404</body></html>' >"$dir/not-a-form.xml"
refused not-a-form 'form|html|model'
form regex '<a/><b/>' '<bind nodeset="/data/a" constraint="regex(., '"'^(a+)+\$'"')"/>' '<input ref="/data/a"/>'
bounded regex '{"op":"answer","ref":"/data/a","value":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"}'
form exponential '<a/><b/>' '<bind nodeset="/data/b" calculate="count(//*[//*[//*[//*[//*[//*[//*[//*[/data/a]]]]]]]])"/>' "<input ref=\"/data/a\"/>$(for i in {1..60}; do printf '<group><label>%s</label></group>' "$i"; done)"
bounded exponential '{"op":"answer","ref":"/data/a","value":"1"}'
{
  printf '<?xml version="1.0"?><h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"><h:head><h:title>t</h:title><model><instance><data id="t"><a/></data></instance><instance id="l"><root>'
  seq 1 1000000 | sed 's|.*|<item><name>&</name><label>&</label></item>|'
  printf '</root></instance></model></h:head><h:body><select1 ref="/data/a"><itemset nodeset="instance('"'l'"')/root/item"><value ref="name"/><label ref="label"/></itemset></select1></h:body></h:html>'
} >"$dir/million.xml"
out=$(timeout 60 "$plazactl" form check "$dir/million.xml" 2>&1)
rc=$?
if [ $rc = 0 ] || { [ $rc = 1 ] && grep -qiE 'limit|many|more than|larger' <<<"$out"; }; then report 0 million-choices; else
  report 1 million-choices "status $rc: ${out:0:300}"
fi
exit $bad
