"""A whole consultation for one test: a central on a free port of 127.0.0.1 and a laptop's folder.

    with World(build) as world:
        link = world.enrol('Rosa')
        with world.window(link) as app: ...
Everything is below one temporary folder and is removed; the central is stopped by its own pid.
"""
import glob, json, os, shutil, signal, socket, subprocess, tempfile, time
from ui_driver import App, GLib, NotFound, key, paste, screenshot, type_text, wait_for

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
QUESTIONNAIRE = ROOT + '/data/questionnaires/consulta_temas'
PASSPHRASE = 'el pozo esta seco desde mayo'


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


class World:
    def __init__(self, build, keep=False):
        self.build, self.keep = os.path.abspath(build), keep
        self.serving = None

    def path(self, *parts): return os.path.join(self.dir, *parts)
    def program(self, floor, name): return f'{self.build}/src/{floor}/{name}'

    def run(self, floor, name, *args, **env):
        """One command of ours; what it prints."""
        r = subprocess.run([self.program(floor, name), *args], capture_output=True, text=True,
                           env={**os.environ, **self.env, 'LANGUAGE': 'en', **env})
        assert r.returncode == 0, f'{name} {args}: {r.returncode}\n{r.stdout}{r.stderr}'
        return r.stdout

    def central(self, *args): return self.run('central', 'plaza-central', *args)
    def plazactl(self, *args): return self.run('cli', 'plazactl', *args)

    def __enter__(self):
        self.dir = tempfile.mkdtemp(prefix='plaza-acceptance.')
        self.laptop = self.path('laptop')
        self.env = {'PLAZA_CENTRAL_DIR': self.path('central'), 'PLAZA_DATA_DIR': self.laptop,
                    'PLAZA_LOCALEDIR': self.build + '/po', 'GSETTINGS_SCHEMA_DIR': self.build + '/data'}
        os.makedirs(self.path('media'))
        os.makedirs(self.laptop)
        self.central('init', self.path('central'), '--practice', '--url', f'https://127.0.0.1:{free_port()}')
        for f in [*glob.glob(QUESTIONNAIRE + '/*.csv'), *glob.glob(ROOT + '/data/catalogues/*.csv')]:
            shutil.copy(f, self.path('media'))
        self.central('campaign', 'build', '--practice', '--new-keys', self.path('keys'),
                     '--settings', QUESTIONNAIRE + '/manifest.json', '--form', QUESTIONNAIRE + '/consulta-temas.xml',
                     '--media', self.path('media'), '--organisation', 'NOSC=Núcleo de Organizaciones',
                     '--organisation', 'SFP=Secretaría de la Función Pública', '--out', self.path('campaign'))
        self.central('campaign', 'sign', self.path('campaign'), '--key', self.path('keys/campaign.key'))
        with open(self.path('passphrase'), 'w') as f:
            f.write(PASSPHRASE + '\n')
        self.serve()
        return self

    def __exit__(self, *exc):
        self.stop_serving()
        if self.keep:
            print('kept', self.dir)
        else:
            shutil.rmtree(self.dir)

    # --- the central -------------------------------------------------------------------------
    def serve(self):
        log = open(self.path('central.log'), 'a')
        self.serving = subprocess.Popen([self.program('central', 'plaza-central'), 'serve'],
                                        env={**os.environ, **self.env}, stdout=log, stderr=log)

        def listening():
            assert self.serving.poll() is None, open(self.path('central.log')).read()
            return 'listening' in open(self.path('central.log')).read()
        wait_for(listening, what='the central')

    def stop_serving(self, how=signal.SIGTERM):
        if self.serving and self.serving.poll() is None:
            self.serving.send_signal(how)
            self.serving.wait(20)

    def enrol(self, person):
        """A join file for one person; its path."""
        out = self.path('join-' + person)
        self.central('enrol', '--person', person, '--organisation', 'NOSC', '--out', out)
        return glob.glob(out + '/*.plazajoin')[0]

    def export(self, name='export'):
        """What the central holds: folder of the export."""
        out = self.path(name)
        self.central('export', out)
        return out

    # --- the laptop --------------------------------------------------------------------------
    def join(self, person):
        """Joins by command, for tests that begin later."""
        self.plazactl('join', self.enrol(person), '--name', person, '--passphrase-file', self.path('passphrase'))

    def settings(self, **values):
        """How the window looks: what the preferences keep, as environment for window()."""
        folder = self.path('config', 'glib-2.0', 'settings')
        os.makedirs(folder, exist_ok=True)
        with open(folder + '/keyfile', 'w') as f:
            f.write('[org/gobabiertomx/Plaza]\n' + ''.join(f'{k.replace("_", "-")}={v}\n' for k, v in values.items()))
        return {'GSETTINGS_BACKEND': 'keyfile', 'XDG_CONFIG_HOME': self.path('config')}

    def window(self, *args, log=None, **env):
        return App([self.program('app', 'plaza'), '--data-dir', self.laptop, *args], 'plaza',
                   env={**self.env, **env}, log=log or self.path('window.log'))


def button(app, name, **kw): return app.find(role='push button', name=name, **kw)


def press(app, name, limit=60):
    """Presses a button by keyboard alone: Tab there, then Enter. A message dialog holds each button
    twice, for broad and narrow windows; only one of them takes the focus."""
    button(app, name)
    same = app.find_all(role='push button', name=name)
    for _ in range(limit):
        if any(n.focused for n in same):
            key('Return')
            return
        key('Tab')
    raise AssertionError(f'button {name!r} not reached with {limit} Tabs')


def unlock(app, passphrase=PASSPHRASE):
    app.find(role='password text', where=lambda n: n.focused)
    type_text(passphrase)
    key('Return')
    button(app, 'Nueva entrevista')


def unlock_as(app, name):
    """Chooses the profile by arrows, then as unlock()."""
    app.find(role='password text', where=lambda n: n.focused)
    profiles = app.find(role='list', name='Perfiles en esta computadora')
    profiles.tab_to(backwards=True)
    rows = profiles.find_all(role='list item')
    here = next(i for i, row in enumerate(rows) if row.focused)
    there = next(i for i, row in enumerate(rows) if name in row.name)
    key(*['Down' if there > here else 'Up'] * abs(there - here))
    wait_for(lambda: rows[there].focused, what=name)
    key('Tab')
    unlock(app)


def start_session(app, state='oax', municipality='juchitan', locality='El Mirador'):
    """From Home, by keys: a field session of today."""
    key('ctrl+j')
    app.find(role='text', name='Fecha (día/mes/año)', where=lambda n: n.focused)
    app.find(role='text', name='Entidad').tab_to()
    type_text(state)
    key('Return')
    app.find(role='text', name='Municipio', where=lambda n: n.focused)
    type_text(municipality)
    app.settle()
    key('Down', 'Return')
    app.find(role='text', name='Localidad o lugar (opcional)').tab_to()
    key('ctrl+a')
    type_text(locality)
    press(app, 'Iniciar la jornada')
    app.find(role='label', contains=locality)


def assert_usable(app):
    """No control without a name, none out of the window; libadwaita's own toast aside. What is just
    coming or going gets a moment."""
    unnamed = clipped = None
    for _ in range(20):
        try:
            unnamed = [c for c in app.root.unnamed_controls() if c != ('push button', 'GtkImage')]
            clipped = app.root.clipped()
        except GLib.Error:  # a list was filled anew while we looked
            time.sleep(.2)
            continue
        if not unnamed and not clipped:
            return
        time.sleep(.4)
    app.dump()
    raise AssertionError(f'without a name: {unnamed}; out of the window: {clipped}')
