#!/usr/bin/python3
"""gen_form.py chain|blocks N: prints an XForm of N questions.

chain:  every question is relevant only if the one before it says "si" (a relevance chain N deep).
blocks: N/10 groups, each relevant by the gate of the group before; eight numbers with a constraint,
        a sum a group and a grand total.
"""
import sys


def chain(n):
    yield from ((f'<q{i}/>', f'<bind nodeset="/data/q{i}" type="string"'
                 + (f' relevant="/data/q{i - 1} = \'si\'"' if i else '') + '/>',
                 f'<input ref="/data/q{i}"><label>Pregunta {i}</label></input>') for i in range(n))


def blocks(n):
    groups = n // 10
    for g in range(groups):
        here = f'/data/g{g}'
        binds = [f'<bind nodeset="{here}" relevant="/data/g{g - 1}/gate = \'si\'"/>'] if g else []
        binds.append(f'<bind nodeset="{here}/gate" type="string" required="true()"/>')
        binds += [f'<bind nodeset="{here}/n{k}" type="int" relevant="{here}/gate = \'si\'" '
                  f'constraint=". &gt;= 0 and . &lt;= 1000"/>' for k in range(8)]
        total = ' + '.join(f'coalesce({here}/n{k},0)' for k in range(8))
        binds.append(f'<bind nodeset="{here}/suma" type="int" calculate="{total}"/>')
        inputs = ''.join(f'<input ref="{here}/n{k}"><label>N {k}</label></input>' for k in range(8))
        yield (f'<g{g}><gate/>' + ''.join(f'<n{k}/>' for k in range(8)) + f'<suma/></g{g}>',
               '\n'.join(binds),
               f'<group ref="{here}"><label>Bloque {g}</label><input ref="{here}/gate">'
               f'<label>Aplica</label></input>{inputs}</group>')
    total = ' + '.join(f'/data/g{g}/suma' for g in range(groups))
    yield '<total/>', f'<bind nodeset="/data/total" type="int" calculate="{total}"/>', ''


kind, count = sys.argv[1], int(sys.argv[2])
parts = list({'chain': chain, 'blocks': blocks}[kind](count))
NEWLINE = '\n'
print(f'''<?xml version="1.0"?>
<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"
  xmlns:jr="http://openrosa.org/javarosa" xmlns:orx="http://openrosa.org/xforms">
<h:head><h:title>{kind}{count}</h:title><model>
<instance><data id="{kind}{count}" version="1">{''.join(p[0] for p in parts)}<meta><instanceID/></meta></data></instance>
{NEWLINE.join(p[1] for p in parts)}
<bind nodeset="/data/meta/instanceID" type="string" jr:preload="uid"/></model></h:head><h:body>
{NEWLINE.join(p[2] for p in parts)}
</h:body></h:html>''')
