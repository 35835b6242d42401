"""Answers the consultation's questionnaire by keys, as a facilitator does: digits and Enter for a
choice, Tab out of a text, Ctrl+Enter to the next page. Every answer waits until the focus is in the
question it is meant for, so that a question that cannot be reached by keys fails here."""
import re
from ui_driver import NotFound, key, type_text, wait_for

AGE = '¿Qué edad tiene?'
CONSENT = '¿Acepta participar?'
GUARDIAN = '¿Su madre, padre o tutor está presente y acepta que usted participe?'
TOPICS = '¿Qué es lo más importante que el gobierno y la sociedad deben resolver juntos?'
TOPIC = 'De esos temas, ¿cuál sigue en importancia?'
PROBLEM = '¿Cuál es el problema?'
AFFECTED = '¿A quiénes afecta más?'
CAUSES = '¿Por qué cree que pasa?'
PROPOSAL = '¿Qué propone que se haga?'
WHO = '¿Quién debería hacerlo?'
LEVEL = '¿De qué gobierno?'
CORRUPTION = '¿Este problema tiene que ver con corrupción?'
GENDER = '¿Con qué género se identifica?'
LIVES = '¿Vive en este municipio?'
LOCALITY = 'Localidad, colonia o barrio'
MORE = '¿Quiere agregar algo más?'
PRESENT = '¿Quién más estaba presente?'
NOTES = 'Observaciones'


class Interviewer:
    def __init__(self, app):
        self.app = app

    # --- reading -----------------------------------------------------------------------------
    def screen(self):
        """The screen on top: hidden ones stay in the tree below it."""
        return self.app.root.find_now(role='filler', where=lambda n: n.raw_name in (
            'PlazaInterviewScreen', 'PlazaFinishScreen'))

    def page(self): return self.app.root.find_now(where=lambda n: n.raw_name == 'PlazaPageView')

    def focused_question(self):
        """The label of the question that has the focus."""
        n = self.page().focus()
        while not n.raw_name.startswith('PlazaQuestion'):
            n = n.parent
        return next(c.name for c in n.walk() if c.role == 'label')

    def at(self, question, timeout=8):
        """Waits until the focus is in this question."""
        wait_for(lambda: self.focused_question() == question, timeout, f'the focus in {question!r}')
        return self

    def question(self, label):
        for n in self.page().walk():
            if n.raw_name.startswith('PlazaQuestion') and any(
                    c.role == 'label' and c.name == label for c in n.walk()):
                return n
        raise NotFound(label)

    def text(self, label):
        """What stands in a text question."""
        return self.question(label).find_now(role='text').text

    def chosen(self, label):
        """The options that are marked in a question of choice."""
        return [n.name for n in self.question(label).walk() if n.role in ('radio button', 'check box') and n.checked]

    def saved(self, label):
        """Waits until the question says that its answer is on disk."""
        wait_for(lambda: self.question(label).find_now(role='label', name='Guardado'), what=f'{label!r} saved')
        return self

    def folio(self):
        return re.search(r'[0-9]{2}-[A-Z0-9]{2,4}-[0-9]{5}-[0-9A-Z]',
                         self.app.find(role='label', contains='Folio ').name).group()

    # --- answering ---------------------------------------------------------------------------
    def choose(self, question, *numbers):
        """Marks by number; Enter goes on to the next question."""
        self.at(question)
        for number in numbers:
            key(*number)
        key('Return')
        return self

    def write(self, question, text):
        """Writes and leaves by Tab."""
        self.at(question)
        type_text(text)
        key('Tab')
        return self

    def next(self, question=None):
        """The next page; waits for its first question."""
        key('ctrl+Return')
        return self.at(question) if question else self

    def new(self):
        key('ctrl+n')
        return self.at(AGE)

    def consent(self, age='4'):
        return self.choose(AGE, age).choose(CONSENT, '1').next(TOPICS)

    def topic_page(self, number, problem=None, causes=None, proposal=None, affected=None, who=None, levels=(),
                   corruption=None):
        """One page of a topic; stays on it."""
        self.choose(TOPIC, number)
        for question, text in ((PROBLEM, problem), (AFFECTED, affected), (CAUSES, causes), (PROPOSAL, proposal),
                               (WHO, who)):
            if text is None:
                self.at(question)
                key('Tab')
            else:
                self.write(question, text)
        self.choose(LEVEL, *levels)
        if corruption:
            self.choose(CORRUPTION, corruption)
        return self
