"""How long the window takes with many stored responses, from exec to the painted screen.
    start.py BUILD-DIR DATA-ROOT      run by tests/bench/run inside a private display
"""
import os, re, signal, statistics, subprocess, sys, time
BUILD, ROOT = sys.argv[1:3]
PASSPHRASE = 'cinco palabras que nadie adivina'


def rss(pid):
    with open(f'/proc/{pid}/status') as f:
        return int(re.search(r'VmRSS:\s+(\d+)', f.read()).group(1)) / 1024


def one_run():
    """(first frame, resident MB, from the key to the painted Home), in ms."""
    env = {**os.environ, 'G_MESSAGES_DEBUG': 'plaza-app plaza-store', 'GSK_RENDERER': 'cairo', 'GSETTINGS_SCHEMA_DIR': BUILD + '/data',
           'G_LOG_USE_STDERR': '1'}
    begin = time.monotonic()
    p = subprocess.Popen([BUILD + '/src/app/plaza', '--data-dir', ROOT], env=env, text=True, bufsize=1,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    at = {}
    try:
        for line in p.stdout:
            now = time.monotonic()
            for mark in ('Painted: PlazaUnlockScreen', 'Key derived', 'Painted: PlazaHomeScreen'):
                if mark in line and mark not in at:
                    at[mark] = now
                    if mark == 'Painted: PlazaUnlockScreen':
                        memory = rss(p.pid)
                        time.sleep(.5)
                        subprocess.run(['xdotool', 'type', '--delay', '5', PASSPHRASE], check=True)
                        subprocess.run(['xdotool', 'key', 'Return'], check=True)
            if len(at) == 3:
                break
    finally:
        p.send_signal(signal.SIGTERM)
        p.wait()
    return ((at['Painted: PlazaUnlockScreen'] - begin) * 1000, memory,
            (at['Painted: PlazaHomeScreen'] - at['Key derived']) * 1000)


def empty_run():
    begin = time.monotonic()
    p = subprocess.Popen([BUILD + '/tests/bench/bench-window'], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    p.stdout.readline()
    end = time.monotonic()
    p.wait()
    return (end - begin) * 1000


runs, floors = [], []
for _ in range(5):
    floors.append(empty_run())
    runs.append(one_run())
floor = statistics.median(floors)
frame, memory, home = (statistics.median(r[i] for r in runs) for i in range(3))
print('start of the window, 10,000 stored responses (median of 5; goals 300 ms, 130 MB, 300 ms)')
print(f'  first frame {frame:.0f} ms, {frame / floor:.2f} of an empty window ({floor:.0f} ms)   resident {memory:.0f} MB   key to Home {home:.0f} ms')
