#!/usr/bin/python3
"""Drive a GTK 4 app from outside, as a person would: find, click, type, read, screenshot.

Run under with_display.sh (private Xvfb + session bus + accessibility bus); run_here() does that.
Needs Debian's /usr/bin/python3 with python3-gi and gir1.2-atspi-2.0, plus xdotool and ImageMagick.

What GTK 4.8 allows: reading names, roles, states, text and values works; EditableText, Value,
Selection and button/switch actions work; GrabFocus is refused and check buttons, radio buttons and
combo rows publish no action, so those are driven by mouse and keys.
"""
import os, signal, subprocess, sys, tempfile, time
import gi
gi.require_version('Atspi', '2.0')
from gi.repository import Atspi, GLib

HERE = os.path.dirname(os.path.abspath(__file__))


def run_here(*options):
    """Start this script again inside a private display, unless it is in one already."""
    if os.environ.get('PLAZA_TEST_DISPLAY'):
        return
    os.environ['PLAZA_TEST_DISPLAY'] = '1'
    os.execv(HERE + '/with_display.sh', ['with_display.sh', *options, '--', sys.executable, *sys.argv])


if os.environ.get('PLAZA_TEST_DISPLAY'):
    Atspi.init()
DEFAULT_TIMEOUT = float(os.environ.get('UI_TIMEOUT', '30'))


class NotFound(AssertionError):
    pass


def wait_for(check, timeout=DEFAULT_TIMEOUT, what='condition'):
    """Call check() until it returns something true; fail with the last value after timeout."""
    end = time.monotonic() + timeout
    last = None
    while True:
        try:
            last = check()
            if last:
                return last
        except (GLib.Error, NotFound) as e:
            last = e
        if time.monotonic() > end:
            raise AssertionError(f'timed out waiting for {what} (last: {last!r})')
        time.sleep(.05)


def xdo(*args):
    return subprocess.run(['xdotool', *map(str, args)], check=True, capture_output=True, text=True).stdout


def clean(name):
    """Visible text of an accessible name. GTK 4.8 keeps mnemonic underscores and may say a name twice."""
    name = (name or '').replace('_', '').strip()
    half = len(name) // 2
    if len(name) % 2 and name[half] == ' ' and name[:half] == name[half + 1:]:
        name = name[:half]
    return name


class Node:
    def __init__(self, app, acc):
        self.app, self.acc = app, acc

    # --- reading -----------------------------------------------------------------------------
    @property
    def role(self): return self.acc.get_role_name()
    @property
    def name(self): return clean(self.acc.get_name())
    @property
    def raw_name(self): return self.acc.get_name()
    @property
    def description(self): return self.acc.get_description()
    @property
    def states(self): return {s.value_nick for s in self.acc.get_state_set().get_states()}
    @property
    def checked(self): return 'checked' in self.states
    @property
    def sensitive(self): return 'sensitive' in self.states
    @property
    def focused(self):
        try:
            return 'focused' in self.states
        except GLib.Error:
            return False
    @property
    def showing(self):
        """Visible with a real size. GTK 4.8 sets no 'showing' state, so look at the extents."""
        if 'visible' not in self.states:
            return False
        e = self.extents
        return e is None or (e[2] > 0 and e[3] > 0)
    @property
    def text(self):
        """Content of a label, entry or text view. GTK 4.8 answers '' for end=-1 in entries: give the count."""
        return Atspi.Text.get_text(self.acc, 0, Atspi.Text.get_character_count(self.acc))
    @property
    def value(self): return Atspi.Value.get_current_value(self.acc)
    @property
    def actions(self):
        return [self.acc.get_action_iface().get_action_name(i) for i in range(Atspi.Action.get_n_actions(self.acc))]
    @property
    def extents(self):
        """(x, y, w, h) relative to the toplevel window widget; None without Component."""
        try:
            e = Atspi.Component.get_extents(self.acc, Atspi.CoordType.WINDOW)
            return (e.x, e.y, e.width, e.height)
        except GLib.Error:
            return None
    @property
    def children(self):
        out = []
        for i in range(self.acc.get_child_count()):
            c = self.acc.get_child_at_index(i)
            if c is not None:
                out.append(Node(self.app, c))
        return out
    @property
    def parent(self):
        p = self.acc.get_parent()
        return Node(self.app, p) if p is not None else None

    def walk(self, prune=()):
        """This node and everything below it; does not go inside roles listed in prune.

        Widgets come and go while we look: a part that has just gone is left out."""
        try:
            role, children = self.role, self.children
        except GLib.Error:
            return
        yield self
        if role not in prune:
            for c in children:
                yield from c.walk(prune)

    def window(self):
        n = self
        while n is not None and n.role not in ('frame', 'dialog', 'window', 'alert'):
            n = n.parent
        return n

    def find_now(self, role=None, name=None, contains=None, index=0, where=None):
        k = 0
        for n in self.walk():
            try:
                if role and n.role != role: continue
                if name is not None and n.name != name: continue
                if contains is not None and contains not in n.name: continue
                if where and not where(n): continue
            except GLib.Error:
                continue
            if k == index:
                return n
            k += 1
        raise NotFound(f'no {role or "node"} {name or contains or ""!r} (index {index})')

    def find(self, role=None, name=None, contains=None, index=0, where=None, timeout=DEFAULT_TIMEOUT):
        return wait_for(lambda: self.find_now(role, name, contains, index, where), timeout,
                        f'{role or "node"} {name or contains or ""!r}')

    def find_all(self, role=None, name=None, contains=None):
        def fits(n):
            try:
                return (not role or n.role == role) and (name is None or n.name == name) and (
                    contains is None or contains in n.name)
            except GLib.Error:  # gone while we looked
                return False
        return [n for n in self.walk() if fits(n)]

    def exists(self, **kw):
        try:
            return bool(self.find_now(**kw))
        except NotFound:
            return False

    def dump(self, out=sys.stdout, depth=0):
        try:
            mark = ','.join(sorted(self.states & {'checked', 'focused', 'selected', 'expanded', 'invalid-entry'}))
            print(f'{"  " * depth}{self.role} {self.raw_name!r} {self.description or ""} {mark}'.rstrip(), file=out)
            children = self.children
        except GLib.Error:
            return
        for c in children:
            c.dump(out, depth + 1)

    def focus(self):
        """The node that has the keyboard focus."""
        return self.find_now(where=lambda n: n.focused)

    # --- checks ------------------------------------------------------------------------------
    def unnamed_controls(self):
        """Reachable controls a screen reader would announce by class name or not at all."""
        return [(n.role, n.raw_name) for n in self.walk() if 'focusable' in n.states and n.showing
                and n.role not in ('scroll pane', 'filler', 'panel')
                and (not n.raw_name or n.raw_name.startswith(('Gtk', 'Adw')))
                and not any(c.role == 'label' and c.name for c in n.walk())]

    def laid_out(self, scrolled=False):
        """(node, whether it is in a scrolled area) of what a window lays out: a popover has its own surface."""
        try:
            children = self.children
            if any(c.raw_name == 'GtkPopoverContent' for c in children):
                return
            inside = scrolled or self.role == 'scroll pane'
        except GLib.Error:
            return
        yield self, scrolled
        for c in children:
            yield from c.laid_out(inside)

    def clipped(self):
        """Showing controls that stick out of their window: sideways anywhere, up or down where nothing scrolls."""
        out = []
        for w in [self] if self.role == 'frame' else self.find_all(role='frame'):
            wx, wy, ww, wh = w.extents
            for n, scrolled in w.laid_out():
                try:
                    e = n.extents
                    if not e or not n.showing:
                        continue
                    if e[0] < wx - 1 or e[0] + e[2] > wx + ww + 1 or not scrolled and (
                            e[1] < wy - 1 or e[1] + e[3] > wy + wh + 1):
                        out.append((n.role, n.name, e))
                except GLib.Error:
                    continue
        return out

    # --- acting ------------------------------------------------------------------------------
    def act(self, action=0):
        """Run an accessibility action, by index or by name ('click', 'toggle', 'win.save'...)."""
        if isinstance(action, str):
            action = self.actions.index(action)
        assert Atspi.Action.do_action(self.acc, action), f'action {action} refused by {self.role} {self.name!r}'
        return self

    def point(self, fx=.5, fy=.5):
        """Screen position of a point of this widget, from the X window origin and the window extents."""
        x, y, w, h = self.extents
        ox, oy = self.app.origin(self.window())
        return int(ox + x + w * fx), int(oy + y + h * fy)

    def scroll_to(self, limit=60):
        """Turn the wheel over the nearest scrolled area until the widget is inside it."""
        pane = self.parent
        while pane is not None and pane.role != 'scroll pane':
            pane = pane.parent
        if pane is None:
            return self
        for _ in range(limit):
            _, y, _, h = self.extents
            _, py, _, ph = pane.extents
            if y >= py and y + h <= py + ph or h > ph and y <= py:
                return self
            xdo('mousemove', *pane.point())
            xdo('click', 4 if y < py else 5)
            time.sleep(.05)
        raise AssertionError(f'{self.role} {self.name!r} not reached by scrolling')

    def click(self, fx=.5, fy=.5, button=1, count=1):
        """A real mouse click in the middle of the widget."""
        self.scroll_to()
        px, py = self.point(fx, fy)
        xdo('mousemove', px, py)
        time.sleep(.05)
        xdo('click', '--repeat', count, '--delay', 60, button)
        time.sleep(.12)
        return self

    def set_text(self, text):
        """Replace the content through EditableText (fast; no key events)."""
        assert Atspi.EditableText.set_text_contents(self.acc, text)
        return self

    def type(self, text, clear=True):
        """Click into the field and type with real key events."""
        self.click()
        if clear:
            xdo('key', 'ctrl+a', 'BackSpace')
        type_text(text)
        return self

    def set_value(self, value):
        assert Atspi.Value.set_current_value(self.acc, float(value))
        return self

    def select_child(self, index):
        assert Atspi.Selection.select_child(self.acc, index)
        return self

    def tab_to(self, limit=60, backwards=False):
        """Move the keyboard focus here with Tab only; fails if it cannot be reached from the keyboard."""
        for _ in range(limit):
            if self.focused or any(c.focused for c in self.walk()):
                return self
            xdo('key', 'shift+Tab' if backwards else 'Tab')
            time.sleep(.06)
        raise AssertionError(f'{self.role} {self.name!r} not reached with {limit} Tabs')


def key(*combos):
    for c in combos:
        xdo('key', c)
        time.sleep(.06)


# What with_display.sh puts on the keyboard; anything else is pasted.
TYPEABLE = set(map(chr, range(32, 127))) | set('\n\tñÑáÁéÉíÍóÓúÚüÜ¿¡«»–—°ªº€')


def type_text(text, delay=12):
    if set(text) <= TYPEABLE:
        for i, line in enumerate(text.split('\n')):
            if i:
                key('Return')
            if line:
                xdo('type', '--delay', delay, '--', line)
    else:
        paste(text)
    time.sleep(.1)


def paste(text):
    subprocess.run(['xclip', '-selection', 'clipboard', '-i'], input=text, text=True, check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    key('ctrl+v')
    time.sleep(.2)


def screenshot(path, crop=None):
    cmd = ['import', '-window', 'root']
    if crop:
        cmd += ['-crop', crop, '+repage']
    subprocess.run(cmd + [path], check=True)
    return path


class App:
    """One running app under test. Use as a context manager; stopped by pid."""

    def __init__(self, argv, name, env=None, log=None):
        self.argv, self.name = argv, name
        self.env = {**os.environ, **(env or {})}
        self.logfile = open(log, 'w+') if log else tempfile.TemporaryFile('w+')
        self.proc = None
        self._offset = None

    def __enter__(self):
        self.proc = subprocess.Popen(self.argv, env=self.env, stdout=self.logfile, stderr=subprocess.STDOUT)
        try:
            wait_for(self._started, 15, f'app {self.name} on the accessibility bus')
            wait_for(lambda: self.xwindows(), 10, 'an X window')
            if self._has_wm():
                xdo('windowactivate', '--sync', self.xwindows()[0])
        except BaseException:
            self.stop()
            print(self.log(), file=sys.stderr)
            raise
        time.sleep(.3)
        return self

    def _started(self):
        if self.proc.poll() is not None:
            raise RuntimeError(f'{self.name} ended early with {self.proc.returncode}')
        return self.root_now() and self.root.children

    def __exit__(self, failed, *exc):
        if failed and self.proc.poll() is None:
            self.show_failure()
        self.stop()

    def show_failure(self):
        """What was on screen: the tree to stderr, a picture where UI_FAILED says."""
        try:
            self.dump(sys.stderr)
            if 'UI_FAILED' in os.environ:
                screenshot(os.environ['UI_FAILED'])
        except (GLib.Error, AttributeError, subprocess.CalledProcessError) as e:
            print(f'nothing to show: {e}', file=sys.stderr)

    def stop(self):
        if self.proc and self.proc.poll() is None:
            self.proc.send_signal(signal.SIGTERM)
            try:
                self.proc.wait(5)
            except subprocess.TimeoutExpired:
                self.proc.kill()
                self.proc.wait()

    def log(self):
        self.logfile.flush()
        self.logfile.seek(0)
        return self.logfile.read()

    def root_now(self):
        d = Atspi.get_desktop(0)
        for i in range(d.get_child_count()):
            a = d.get_child_at_index(i)
            if a is not None and a.get_name() == self.name and a.get_process_id() == self.proc.pid:
                return Node(self, a)
        return None

    @property
    def root(self): return self.root_now()

    def find(self, *a, **k):
        """Search the whole app (all its windows), re-reading the tree until found."""
        timeout = k.pop('timeout', DEFAULT_TIMEOUT)
        return wait_for(lambda: self.root.find_now(*a, **k), timeout, f'{a} {k}')

    def settle(self, seconds=.3):
        """Let what is under way come to rest."""
        time.sleep(seconds)

    def kill(self):
        """The battery is empty: no signal that the program could answer."""
        self.proc.kill()
        self.proc.wait()

    def exists(self, **kw): return self.root.exists(**kw)
    def find_all(self, *a, **k): return self.root.find_all(*a, **k)
    def dump(self, out=sys.stdout): self.root.dump(out)

    def window_action(self, name):
        """Activate a widget action such as 'win.save' that GTK 4.8 publishes on the window's frame."""
        self.find(role='frame').act(name)

    @staticmethod
    def _has_wm():
        r = subprocess.run(['xprop', '-root', '_NET_SUPPORTING_WM_CHECK'], capture_output=True, text=True)
        return '# 0x' in r.stdout

    def xwindows(self):
        r = subprocess.run(['xdotool', 'search', '--onlyvisible', '--pid', str(self.proc.pid)], capture_output=True, text=True)
        return r.stdout.split()

    def origin(self, window_node):
        """Screen position of the toplevel widget: the X window with that title, plus its CSD margin."""
        title = window_node.raw_name
        ids = self.xwindows()
        pick = None
        for i in ids:
            t = subprocess.run(['xdotool', 'getwindowname', i], capture_output=True, text=True).stdout.strip()
            if t == title:
                pick = i
        pick = pick or ids[-1]
        geo = dict(l.split('=') for l in xdo('getwindowgeometry', '--shell', pick).split() if '=' in l)
        e = window_node.extents
        # With a compositor GTK draws a shadow inside the X window and says how wide; without one, an even border.
        f = subprocess.run(['xprop', '-id', pick, '_GTK_FRAME_EXTENTS'], capture_output=True, text=True).stdout
        if '=' in f:
            left, _right, top, _bottom = (int(v) for v in f.split('=')[1].split(','))
            return int(geo['X']) + left, int(geo['Y']) + top
        mx = max(0, (int(geo['WIDTH']) - e[2]) / 2)
        my = max(0, (int(geo['HEIGHT']) - e[3]) / 2)
        return int(geo['X']) + mx, int(geo['Y']) + my
