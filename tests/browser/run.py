#!/usr/bin/env python3
"""Looks at the page of `textback demo` with a real browser.

    cargo build && tests/browser/run.py                 # checks; exit code 0 if all of them hold
    tests/browser/run.py --axe PATH/axe.min.js          # and has axe-core look for what shuts people out
    tests/browser/run.py --pictures docs/pages          # and takes a picture of each page on the way
    tests/browser/run.py --picture docs/page.png        # no checks: the README's picture, made anew

Needs Debian's chromium and chromium-driver, and nothing beyond this machine. README.md beside this file tells more.
"""

import argparse
import contextlib
import json
import pathlib
import re
import signal
import sys
import tempfile
from http.client import HTTPException

sys.dont_write_bytecode = True

from driver import Box, Browser, Demo, Driver, NotSo, until

HERE = pathlib.Path(__file__).resolve().parent
LOOK = (HERE / "look.js").read_text("utf-8")

ALL_WITHIN_S = 480
"""For everything; on an idle machine it takes a minute and a half."""
NEXT_CALL_S = 75
"""The demo pauses for 45 s between two rounds of callers, and then the phone rings."""
COMES_BACK_S = 40
"""A page that lost the box asks again every few seconds, at most 15."""

PHONE, DESK = (360, 780), (1280, 900)
"""CSS pixels. 360 is the narrowest phone that is still common."""
CONTRAST = 4.5
"""WCAG 2.2, 1.4.3 (AA), for text of any size."""
TARGET_PX = 24
"""WCAG 2.2, 2.5.8 (AA)."""
THUMB_PX = 44
"""WCAG 2.2, 2.5.5 (AAA), on the page of people, where a wrong button takes somebody off a list."""
FIRST_VIEW_BYTES = 100 * 1024
"""What the page and all that belongs to it may weigh."""

OWNER = "(202) 555-0111"
"""Whose phone the walk through the set-up proves."""
PASSWORD = "three wet socks"
TRIES_MAX = 60
"""More wrong passwords than the door takes: twenty, and those that come back meanwhile."""
ANNA = "(202) 555-0143"
"""The demo's first caller."""
ANNAS_REPLY = "My kitchen sink is leaking, can you come today?"
COUNT = re.compile(r"(\d+) characters?, sent as (\d+) texts?\. \d+ more fit\.")

PICTURE_PX, PICTURE_SCALE = (390, 844), 1.5
PICTURE_HEIGHT_MAX = 1400
PICTURE_BYTES = 150 * 1024
"""So that the repository stays light."""


def need(condition, found):
    if not condition:
        raise NotSo(found)


def look(browser, what):
    """Asks look.js."""
    return browser.run(LOOK, what)


class Checks:
    """Runs the checks, a line each, and counts them. One that fails does not stop the others."""

    def __init__(self, program, axe=None, pictures=None):
        self.program = program
        self.axe = axe and pathlib.Path(axe).read_text("utf-8")
        self.pictures = pictures and pathlib.Path(pictures)
        self.passed = self.failed = 0

    @contextlib.contextmanager
    def holds(self, what):
        try:
            yield
        except NotSo as error:
            self.failed += 1
            print(f"FAIL  {what}: {error}", flush=True)
        else:
            self.passed += 1
            print(f"ok    {what}", flush=True)

    def all(self, driver, data_dir):
        with Browser(driver) as browser, Browser(driver, script=False) as plain, Demo(self.program, data_dir) as demo:
            browser.size(*DESK)
            plain.size(*PHONE)
            browser.open(demo.address)
            look(browser, "watch")
            self.news(browser)
            self.message(browser, demo)
            self.without_script(plain, demo)
            self.messages(browser, plain, demo)
            self.shape(browser, demo)
            self.people(browser, plain, demo, data_dir)
            self.conversations(browser, plain, demo)
            self.settings(browser, plain, demo)
            self.next_text(demo)
            self.setup(browser, demo)
            self.every_page(browser, demo)
            self.in_spanish(browser, plain, demo)
            self.logs(demo, {"with": browser, "without": plain})
            self.gone_and_back(browser, demo, data_dir)
        with Browser(driver) as browser, Browser(driver, script=False) as plain, tempfile.TemporaryDirectory() as data_dir:
            with Box(self.program, data_dir) as box:
                self.door(browser, plain, box)

    def news(self, browser):
        """What the page learns by itself. That it was not loaded again shows in what `watch` left on it."""
        with self.holds("the page says in one sentence how the box and the day are doing"):
            until(lambda: browser.text("#status h1") == "Ready.", "the headline 'Ready.'")
            sentence = browser.text("#status p")
            need(re.match(r"(No|\d+) missed calls? today\b.*\.$", sentence), f"it says {sentence!r}")
        with self.holds("the first view weighs at most 100 KiB"):
            weight = look(browser, "weight")
            need(0 < weight <= FIRST_VIEW_BYTES, f"{weight} bytes")
        with self.holds("the first caller appears by himself: texted, then delivered"):
            until(lambda: ANNA in browser.text("#calls li"), f"a call of {ANNA}")
            delivered = re.compile(r"Texted at \d+:\d\d.*, delivered\.$")
            until(lambda: any(map(delivered.match, states(browser))), "a text that was delivered")
            texted = [bool(delivered.match(state)) for state in states(browser) if state.startswith("Texted at")]
            need(texted[:2] == [False, True], f"the states seen were {states(browser)}")
        with self.holds("a reply appears by itself"):
            until(lambda: ANNAS_REPLY in browser.text("#replies li"), f"the reply {ANNAS_REPLY!r}")
            states(browser)

    def message(self, browser, demo):
        with self.holds("what is being typed survives what changes around it"):
            browser.open(demo.address)
            look(browser, "watch")
            box = browser.one("#text")
            box.replace("Half a sentence about {busi")
            before = browser.text("#calls")
            until(lambda: browser.text("#calls") != before, "a change among the calls", NEXT_CALL_S)
            box.type("ness}")
            states(browser)
            need(box.value() == "Half a sentence about {business}", f"the field holds {box.value()!r}")
            focus = browser.run("return document.activeElement.id")
            need(focus == "text", f"the cursor went to {focus!r}")
        with self.holds("characters and texts are counted as one types"):
            units, parts = until(lambda: counted(browser), "a count of characters")
            need(parts == 1, f"{units} characters as {parts} texts")
            box.type(" Thanks")
            until(lambda: counted(browser) == (units + 7, 1), f"{units + 7} characters")
            box.type(". Call again" * 12)
            until(lambda: counted(browser) == (units + 7 + 12 * 12, 2), f"{units + 7 + 12 * 12} characters, 2 texts")
            box.type("ł")
            until(lambda: "70 characters instead of 160" in browser.text("#preview"), "a word on rare letters")
        with self.holds("a message without {business} is refused, and the reason stands beside what was typed"):
            refused = "Sorry, we missed you."
            browser.one("#text").replace(refused)
            save(browser)
            reason = browser.text("#preview .refusal")
            need("must say {business}" in reason, f"the reason given is {reason!r}")
            box = browser.one("#text")
            need(box.value() == refused, f"the field holds {box.value()!r}")
            described = browser.run(
                "const ids = arguments[0].getAttribute('aria-describedby').split(' ');"
                "return ids.map((id) => document.getElementById(id).textContent).join(' ')",
                box.reference)
            need(reason in described, "the field is not described by the reason")
            both = browser.run(
                "const [box, reason] = arguments[0].map((css) => document.querySelector(css).getBoundingClientRect());"
                "return box.top >= 0 && reason.bottom <= innerHeight", ["#text", "#preview .refusal"])
            need(both, "the field and the reason are not on the screen together")
        self.looks_well(browser, "with a refusal")
        with self.holds("a refused message is not kept"):
            browser.open(demo.address)
            need(browser.one("#text").value() != refused, "it is")
        with self.holds("a good message is kept: it is still there when the page is loaded again"):
            self.saves(browser, demo, "Hello, {business} here. We call back by six. Reply STOP to opt out.")

    def saves(self, browser, demo, message):
        browser.open(demo.address)
        browser.one("#text").replace(message)
        save(browser)
        need("Saved." in browser.text("#saved"), "the page does not say that it was saved")
        browser.reload()
        for address in (None, demo.address):
            if address:
                browser.open(address)
            need(browser.one("#text").value() == message, f"the field holds {browser.one('#text').value()!r}")
            sent = message.replace("{business}", "Rivera Plumbing")
            need(browser.text("#preview .bubble") == sent, "the preview is not of that message")

    def without_script(self, browser, demo):
        with self.holds("without script the page shows all there is"):
            browser.open(demo.address)
            # A browser that runs scripts takes what is in <noscript> for text.
            need(browser.all("noscript meta[http-equiv=refresh]"), "scripts run, or the page would not load itself again")
            need(browser.text("#status h1") == "Ready.", "no headline")
            need(ANNA in browser.text("#calls li"), f"no call of {ANNA}")
            need(ANNAS_REPLY in browser.text("#replies li"), "no reply")
            need(COUNT.search(browser.text("#preview")), "no count of characters")
        with self.holds("without script a message is refused with the reason"):
            browser.one("#text").replace("Sorry.")
            save(browser)
            need("must say {business}" in browser.text("#preview .refusal"), "no reason")
            need(browser.one("#text").value() == "Sorry.", "what was typed is lost")
        with self.holds("without script a message is kept"):
            self.saves(browser, demo, "This is {business}, by hand. Reply STOP to opt out.")

    def messages(self, browser, plain, demo):
        """A message for holidays: shown as it is typed, saved, and taken back to what it said before, with script and without."""
        for seen, how in ((browser, "with script"), (plain, "without script")):
            first, second = f"Closed today, {how}. Reply STOP to opt out, {{business}}.", "Back on Monday. {business}. Reply STOP to opt out."
            with self.holds(f"{how} a message for holidays is found from the first page and kept"):
                seen.open(demo.address)
                seen.one('#message a[href="/messages/missed_call"]').click()
                until(lambda: seen.all(".tabs a"), "the ways to the messages")
                seen.one('.tabs a[href="/messages/holiday"]').click()
                until(lambda: "On holidays" in seen.text("#words-title"), "the message for holidays")
                for words in (first, second):
                    seen.one("#text").replace(words)
                    if how == "with script":
                        until(lambda: words[:12] in seen.text("#preview .bubble"), "what is typed in the preview")
                    save(seen)
                    until(lambda: "Saved." in seen.text("#saved"), "that it is saved")
            with self.holds(f"{how} it says again what it once said"):
                until(lambda: first in seen.text("#earlier"), "what it said before")
                seen.one("#earlier li:first-child button").click()
                until(lambda: "It says that again." in seen.text("#saved"), "that it was taken back")
                need(seen.one("#text").value() == first, "it says something else")
                need(second in seen.text("#earlier"), "what was replaced is not kept")
        browser.open(demo.address)

    def shape(self, browser, demo):
        browser.open(demo.address)
        look(browser, "unfold")
        self.looks_well(browser, "unfolded")
        with self.holds("a very long word does not push the page apart"):
            browser.one("#text").replace("{business}" + "W" * 300)
            until(lambda: "W" * 300 in browser.text("#preview .bubble"), "the preview")
            fits(browser, DESK[0])
        with self.holds("every field and button has a name"):
            for element in browser.all("input, textarea, button, summary, select"):
                need(element.name().strip(), f"{element.get('attribute/id') or element.get('name')} has none")
            for css in ("input", "textarea"):
                labels = browser.run("return document.querySelector(arguments[0]).labels.length", css)
                need(labels == 1, f"{labels} labels for the {css}")
        for width, height in (PHONE, DESK):
            with self.holds(f"at {width} px, everything to be hit is at least {TARGET_PX} px wide and high"):
                browser.size(width, height)
                targets = look(browser, "targets")
                need(len(targets) >= 5, f"only {len(targets)} seen")
                small = [target for target in targets if min(target[:2]) < TARGET_PX]
                need(not small, f"too small: {small}")

    def people(self, browser, plain, demo, data_dir):
        """The lists of people: by hand, from a file, with script and without."""
        address = demo.address + "people"
        with self.holds("a caller is put on the never-text list by hand"):
            browser.open(demo.address)
            browser.one("#calls a.way").click()
            until(lambda: browser.all("#never-text-number"), "the page of people")
            need(browser.one("#never-text-number").value().startswith("+"), "the number is not filled in")
            browser.one("#never-text-name").replace("Ann <b>")
            browser.one("#never-text form[action='/people/add'] button").click()
            until(lambda: browser.all("#never-text .saved"), "a word that it was kept")
            need("Ann <b>" in browser.text("#never-text li"), "she is not shown")
        cards = pathlib.Path(data_dir) / "contacts.vcf"
        people = "".join(f"BEGIN:VCARD\r\nFN:Person {n} {'W' * 50}\r\nTEL:+1202555{n:04}\r\nEND:VCARD\r\n" for n in range(100, 130))
        cards.write_text(people + "BEGIN:VCARD\r\nFN:Odd\r\nTEL:*86\r\nEND:VCARD\r\n")
        with self.holds("without script, contacts come from a file"):
            plain.open(address)
            plain.run("document.querySelectorAll('#contacts details').forEach((each) => { each.open = true; })")
            plain.one("#contacts-file").type(str(cards))
            plain.one("#contacts form[action='/people/import'] button").click()
            until(lambda: plain.all("#contacts .saved"), "a word on what came of it")
            need("30 numbers added." in plain.text("#contacts .saved"), plain.text("#contacts .saved"))
            need("Odd" in plain.text("#contacts .left-out"), "what was left out is not told")
        with self.holds("somebody who asked on the phone is kept on the list until he asks again"):
            browser.open(address)
            look(browser, "unfold")
            browser.one("#opted-out-number").type("+12025550177")
            browser.one("#opted-out form[action='/people/add'] button").click()
            until(lambda: browser.all("#opted-out .saved"), "a word that it was kept")
            need("555-0177" in browser.text("#opted-out li"), "he is not shown")
        browser.open(address)
        look(browser, "unfold")
        self.looks_well(browser, "the people, unfolded")
        with self.holds("of the people, every field and button has a name, and what is to be hit is large"):
            for element in browser.all("input:not([type=hidden]), button, summary"):
                need(element.name().strip(), f"{element.get('attribute/id') or element.get('name')} has none")
            for width, height in (PHONE, DESK):
                browser.size(width, height)
                small = [target for target in look(browser, "targets") if min(target[:2]) < THUMB_PX]
                need(not small, f"too small: {small}")

    def conversations(self, browser, plain, demo):
        """Who wrote: looked for, answered and closed, with script and without."""
        address = demo.address + "conversations"
        with self.holds("who wrote is listed, and found by a word"):
            browser.open(demo.address)
            browser.one("nav a[href='/conversations']").click()
            until(lambda: ANNA in browser.text("#threads"), f"{ANNA} in the list")
            browser.one("#sought").replace("kitchen sink")
            browser.one(".search button").click()
            until(lambda: len(browser.all("#threads li")) == 1, "one conversation")
        self.looks_well(browser, "the conversations", texts=8)
        with self.holds("an answer from the page goes out, and arrives while one looks"):
            browser.one("#threads a.thread").click()
            until(lambda: browser.all("#words"), "the conversation")
            browser.one("#words").replace("We come at 5 <today>.")
            browser.one("#answer button").click()
            until(lambda: "On its way." in browser.text("#said"), "a word that it goes out")
            browser.run("window.stays = true")
            until(lambda: "We come at 5 <today>." in browser.text("#lines li.ours:last-child"), "the answer")
            until(lambda: "arrived" in browser.text("#lines li.ours:last-child"), "that it arrived")
            need(browser.run("return window.stays === true"), "the page was loaded again")
        self.looks_well(browser, "a conversation", texts=8)
        with self.holds("of a conversation, every field and button has a name, and what is to be hit is large"):
            for element in browser.all("input:not([type=hidden]), textarea, button"):
                need(element.name().strip(), f"{element.get('attribute/id') or element.get('name')} has none")
            for width, height in (PHONE, DESK):
                browser.size(width, height)
                small = [target for target in look(browser, "targets") if min(target[:2]) < TARGET_PX]
                need(not small, f"too small: {small}")
        with self.holds("without script, a conversation is answered and won"):
            plain.open(address)
            plain.one("#threads li:last-child a.thread").click()
            until(lambda: plain.all("#words"), "the conversation")
            plain.one("#words").type("And bring the key.")
            plain.one("#answer button").click()
            until(lambda: "And bring the key." in plain.text("#lines"), "the answer")
            plain.one("#amount").replace("450")
            plain.one("#outcome button[value=won]").click()
            until(lambda: "Written down." in plain.text("#said"), "a word that it is kept")
            pressed = plain.one("#outcome button[value=won]").get("attribute/aria-pressed")
            need(pressed == "true", "the button does not show it")

    def settings(self, browser, plain, demo):
        """The settings: a form each, with script or without."""
        address = demo.address + "settings"
        with self.holds("without script, the opening hours are set, refused and put back"):
            plain.open(demo.address)
            plain.one("nav a[href='/settings']").click()
            until(lambda: plain.all("#hours-weekly"), "the settings")
            plain.one("#hours-weekly-value").replace("Mon-Fri 8am-5pm")
            plain.one("#hours-weekly button:not([name])").click()
            until(lambda: plain.all("#hours-weekly .saved"), "a word that it was kept")
            kept = plain.one("#hours-weekly-value").value()
            need(kept == "Mo-Fr 08:00-17:00", f"it reads {kept!r}")
            plain.one("#hours-weekly-value").replace("now and then")
            plain.one("#hours-weekly button:not([name])").click()
            until(lambda: plain.all("#hours-weekly .refusal"), "the reason why not")
            need(plain.one("#hours-weekly-value").value() == "now and then", "what was typed is gone")
            plain.one("#hours-weekly button[name=default]").click()
            until(lambda: plain.all("#hours-weekly .saved"), "a word that it was kept")
            need(plain.one("#hours-weekly-value").value() == "", "it is not the default")
        browser.open(address)
        self.looks_well(browser, "the settings")
        with self.holds("of the settings, every field and button has a name, and what is to be hit is large"):
            for element in browser.all("input:not([type=hidden]), textarea, select, button"):
                need(element.name().strip(), f"{element.get('attribute/id') or element.get('name')} has none")
            for width, height in (PHONE, DESK):
                browser.size(width, height)
                small = [target for target in look(browser, "targets") if min(target[:2]) < TARGET_PX]
                need(not small, f"too small: {small}")

    def next_text(self, demo):
        with self.holds("the next text says what was saved"):
            said = "This is Rivera Plumbing, by hand."
            until(lambda: any("textback texts" in line and said in line for line in demo.lines), f"a text {said!r}", NEXT_CALL_S)

    def setup(self, browser, demo):
        """The whole walk, with a call of the demo's as the test call."""
        step = lambda token: until(lambda: browser.run("return location.pathname") == f"/setup/{token}", f"the step {token}")
        press = lambda words: button(browser, words).click()
        with self.holds("the walk begins where something is left to do"):
            browser.open(demo.address)
            browser.one("nav a[href='/setup']").click()
            step("business")
            browser.open(demo.address + "setup/modem")
            need("would send a text now" in browser.text("#modem-now"), browser.text("#modem-now"))
            self.setup_step(browser, "modem")
            press("Next")
            step("business")
        with self.holds("the owner's phone is proved by a text with a code"):
            browser.one("#number").replace(OWNER)
            self.setup_step(browser, "business")
            press("Save")
            until(lambda: browser.all("form[action='/setup/code']"), "a way to have a code sent")
            before = len(demo.lines)
            press("Text me a code")
            until(lambda: browser.all("#code"), "a field for the code")
            find = re.compile(re.escape(f"textback texts {OWNER}: ") + r".* (\d{6})\.")
            code = until(lambda: next(filter(None, map(find.search, demo.lines[before:])), None), "the code's text").group(1)
            browser.one("#code").type(code)
            press("This is the code")
            until(lambda: "Your phone is known." in browser.text(".setup"), "a word that it is known")
            press("Next")
            step("hours")
        with self.holds("hours and message are set on the way"):
            browser.one("#weekly").replace("Mo-Su 0-24")
            self.setup_step(browser, "hours")
            press("Next")
            step("message")
            browser.one("#text").replace("{business}: we saw your call. Reply STOP to opt out.")
            until(lambda: "Rivera Plumbing: we saw your call." in browser.text("#preview .bubble"), "what a caller would get")
            self.setup_step(browser, "message")
            press("Next")
            step("forwarding")
        with self.holds("the code to forward with has the box's number in it, and can be tapped"):
            browser.one("#box").replace("(202) 555-0199")
            browser.one("#carrier option:nth-child(2)").click()
            press("Show the code")
            until(lambda: browser.all("#code .dial a"), "the code")
            need("2025550199" in browser.text("#code .dial"), browser.text("#code .dial"))
            link = browser.one("#code .dial a").get("attribute/href")
            need(link.startswith("tel:%2A") and "#" not in link, link)
            self.setup_step(browser, "forwarding")
            press("I have dialled it")
            step("test")
        with self.holds("the test call shows by itself, and whose number arrived"):
            press("I am calling now")
            until(lambda: "Waiting for your call." in browser.text("#test-now"), "that it waits")
            self.setup_step(browser, "test")
            browser.run("window.stays = true")
            # Of the demo's callers one hides his number, and the next does not.
            until(lambda: "Everything works." in browser.text("#test-now"), "the call and its number", 2 * NEXT_CALL_S)
            need(browser.run("return window.stays === true"), "the page was loaded again")
            press("Done")
            until(lambda: browser.run("return location.pathname") == "/", "the first page")

    def setup_step(self, browser, token):
        self.looks_well(browser, f"the step {token}", texts=5)
        self.targets_are_large(browser, f"the step {token}")
        self.no_barriers(browser, f"the step {token}")
        self.picture(browser, f"setup-{token}")

    def every_page(self, browser, demo):
        for path, name in [("", "home"), ("conversations", "conversations"), ("people", "people"), ("settings", "settings"), ("access", "access"), ("box", "box"), ("messages/holiday", "messages")]:
            browser.open(demo.address + path)
            look(browser, "unfold")
            self.no_barriers(browser, f"the page {name}")
            browser.reload()
            self.picture(browser, name)
        self.looks_well(browser, "the page of the box", texts=8)
        self.targets_are_large(browser, "the page of the box")
        browser.open(demo.address + "messages/holiday")
        self.looks_well(browser, "the page of messages", texts=8)
        self.targets_are_large(browser, "the page of messages")
        browser.open(demo.address + "access")
        self.looks_well(browser, "the page of access", texts=8)
        browser.open(demo.address + "conversations")
        browser.one("#threads li:last-child a.thread").click()
        until(lambda: browser.all("#words"), "the conversation")
        self.no_barriers(browser, "a conversation")
        self.picture(browser, "conversation")
        browser.open(demo.address)

    def in_spanish(self, browser, plain, demo):
        """The owner reads another language than English: longer words, the same page."""
        def speak(language):
            plain.open(demo.address + "settings")
            plain.one(f"#owner-language-value option[value='{language}']").click()
            plain.one("#owner-language button:not([name])").click()
            until(lambda: plain.all("#owner-language .saved"), "a word that it was kept")
        with self.holds("without script, the owner chooses the language of the page"):
            speak("es")
            need(plain.text("h1") == "Ajustes", plain.text("h1"))
        for path, title in [("", "Lista."), ("conversations", "Conversaciones"), ("people", "Personas"), ("settings", "Ajustes"), ("access", "Acceso"), ("box", "La caja"), ("messages/holiday", "Sus mensajes"), ("setup/forwarding", "Desvíe sus llamadas")]:
            browser.open(demo.address + path)
            with self.holds(f"in Spanish, the page is called {title}"):
                need(browser.text("h1") == title, browser.text("h1"))
                need(browser.run("return document.documentElement.lang") == "es", "its language is not told")
            with self.holds(f"{title}, at {PHONE[0]} px, nothing scrolls sideways or is cut"):
                browser.size(*PHONE)
                fits(browser, PHONE[0])
            if path in ("", "setup/forwarding"):
                self.picture(browser, "spanish-" + (path.partition("/")[0] or "home"))
        with self.holds("in Spanish, the preview answers while one types"):
            browser.open(demo.address)
            browser.one("#text").replace("Somos {business}. STOP.")
            until(lambda: "Quien llama recibe" in browser.text("#preview"), "the preview")
        browser.open(demo.address)
        self.no_barriers(browser, "the page in Spanish")
        with self.holds("and chooses English again"):
            speak("")
        browser.open(demo.address)

    def door(self, browser, plain, box):
        """The first password, sign-in and sign-out, and too many tries."""
        at = lambda browser, path: until(lambda: browser.run("return location.pathname") == path, f"to be at {path}")
        press = lambda browser, css: browser.one(f"{css} button").click()
        with self.holds("without a password there is nothing but setting one, and that wants the code"):
            for path in ("", "people", "setup"):
                browser.open(box.address + path)
                at(browser, "/password")
            self.looks_well(browser, "the first password", texts=4)
            self.targets_are_large(browser, "the first password")
            self.no_barriers(browser, "the first password")
            self.picture(browser, "welcome")
            browser.one("#code").type("0000 0000")
            browser.one("#password").type(PASSWORD)
            press(browser, "form")
            until(lambda: "This is not the code." in browser.text(".refusal"), "that the code is wrong")
            browser.one("#code").type(box.code)
            browser.one("#password").type(PASSWORD)
            press(browser, "form")
            at(browser, "/setup/modem")
        with self.holds("signing out shuts the door"):
            browser.open(box.address + "access")
            press(browser, "form[action='/sign-out']")
            at(browser, "/sign-in")
            browser.open(box.address + "people")
            at(browser, "/sign-in")
            self.looks_well(browser, "signing in", texts=3)
            self.targets_are_large(browser, "signing in")
            self.no_barriers(browser, "signing in")
            self.picture(browser, "sign-in")
        with self.holds("the password opens it, and no other one does"):
            browser.one("#password").type("three dry socks")
            press(browser, "form")
            until(lambda: "This is not the password." in browser.text(".refusal"), "that it is wrong")
            browser.one("#password").type(PASSWORD)
            press(browser, "form")
            at(browser, "/")
        with self.holds("without script one signs in too"):
            plain.open(box.address)
            plain.one("#password").type(PASSWORD)
            press(plain, "form")
            until(lambda: plain.all("#status"), "the page")
            plain.open(box.address + "access")
            plain.one("form[action='/access/sign-out'] button").click()
            until(lambda: plain.all("#password"), "the door")
        with self.holds("an open page that was signed out elsewhere leads to the door by itself"):
            at(browser, "/sign-in")
            browser.one("#password").type(PASSWORD)
            press(browser, "form")
            at(browser, "/")
        with self.holds("too many wrong passwords are told so, and who is signed in goes on"):
            for _ in range(TRIES_MAX):
                plain.one("#password").type("a guess")
                plain.run("window.old = true")
                press(plain, "form")
                until(lambda: plain.run("return !window.old") and plain.all(".refusal"), "an answer")
                if "too many tries" in plain.text(".refusal"):
                    break
            need("too many tries" in plain.text(".refusal"), plain.text(".refusal"))
            browser.open(box.address + "people")
            at(browser, "/people")

    def targets_are_large(self, browser, state):
        with self.holds(f"{state}: every field and button has a name, and what is to be hit is at least {TARGET_PX} px wide and high"):
            for element in browser.all("input:not([type=hidden]), textarea, select, button, a.button"):
                need(element.name().strip(), f"{element.get('attribute/id') or element.get('name')} has none")
            for width, height in (PHONE, DESK):
                browser.size(width, height)
                small = [target for target in look(browser, "targets") if min(target[:2]) < TARGET_PX]
                need(not small, f"too small: {small}")

    def no_barriers(self, browser, state):
        """axe-core's rules, where it was named; what it calls minor or moderate is advice."""
        if not self.axe:
            return
        with self.holds(f"{state}: axe-core finds nothing serious, small and large, light and dark"):
            for size in (PHONE, DESK):
                browser.size(*size)
                for scheme in ("light", "dark"):
                    browser.colours(scheme)
                    found = browser.run(
                        self.axe + ";return axe.run(document, { resultTypes: ['violations'] }).then((run) => run.violations"
                        ".filter((each) => ['serious', 'critical'].includes(each.impact))"
                        ".map((each) => each.id + ': ' + each.nodes.map((node) => node.html.slice(0, 120)).join(' ')))")
                    need(not found, f"{size[0]} px, {scheme}: {'; '.join(found)}")
            browser.colours("light")

    def picture(self, browser, name):
        if not self.pictures:
            return
        browser.colours("light")
        browser.size(*PICTURE_PX)
        height = min(browser.run("return document.documentElement.scrollHeight"), PICTURE_HEIGHT_MAX)
        self.pictures.mkdir(parents=True, exist_ok=True)
        (self.pictures / f"{name}.png").write_bytes(browser.picture(height))

    def looks_well(self, browser, state, texts=20):
        """Widths and colours of the page as it stands."""
        for size in (PHONE, DESK):
            with self.holds(f"{state}, at {size[0]} px, nothing scrolls sideways or is cut"):
                browser.size(*size)
                fits(browser, size[0])
        for scheme in ("light", "dark"):
            with self.holds(f"{state}, in {scheme} colours, every text has a contrast of {CONTRAST} at least"):
                browser.colours(scheme)
                brightness = look(browser, "brightness")
                need((brightness > 0.5) == (scheme == "light"), f"the page's brightness is {brightness:.2f} of 1")
                contrasts = look(browser, "contrasts")
                need(len(contrasts) > texts, f"only {len(contrasts)} texts seen")
                faint = [f"{text} {ratio:.2f}" for ratio, text in contrasts if ratio < CONTRAST]
                need(not faint, ", ".join(faint))
        browser.colours("light")

    def logs(self, demo, browsers):
        """What the browsers noted of all that went before."""
        asked, bad, spoken = set(), [], []
        for name, browser in browsers.items():
            # Of the requests, the one that was refused is the only one that may fail.
            for entry in browser.log("browser"):
                if not re.search(r"/(message|settings) - Failed to load resource: .* status of 422", entry["message"]):
                    spoken.append(entry["message"])
            addresses = {}
            for entry in browser.log("performance"):
                event = json.loads(entry["message"])["message"]
                kind, facts = event["method"], event["params"]
                if kind == "Network.requestWillBeSent":
                    addresses[facts["requestId"]] = facts["request"]["url"]
                    asked.add((name, facts["request"]["url"]))
                # What was asked for before is not the page's.
                address = addresses.get(facts.get("requestId"))
                if not address:
                    continue
                if kind == "Network.responseReceived":
                    status = facts["response"]["status"]
                    if status >= 400 and not (status == 422 and address in (demo.address + "message", demo.address + "settings")):
                        bad.append(f"{status} for {address}")
                elif kind == "Network.loadingFailed" and not facts.get("canceled"):
                    bad.append(f"{facts['errorText']} for {address}")
        with self.holds("no browser has anything to complain of, such as a breach of the content security policy"):
            need(not spoken, "; ".join(spoken))
        with self.holds("no request failed"):
            need(not bad, "; ".join(bad))
        with self.holds("every request stayed on 127.0.0.1"):
            for name in browsers:
                need((name, demo.address) in asked, f"the log of the browser {name} script has no request at all")
            need(("with", demo.address + "events") in asked, "the log lacks the stream of news")
            strange = [address for _, address in asked if not address.startswith(demo.address)]
            need(not strange, f"{strange}")
            scripted = [address for name, address in asked if name == "without" and "page.js" in address]
            need(not scripted, "the browser without script asked for the script")

    def gone_and_back(self, browser, demo, data_dir):
        browser.open(demo.address)
        look(browser, "watch")
        with self.holds("the demo ends when told to, an open page notwithstanding"):
            code, seconds = demo.stop()
            need(code == 0, f"exit code {code} after {seconds:.1f} s: {''.join(demo.lines[-3:])}")
        with self.holds("a page that lost the box says so"):
            until(lambda: "does not answer" in browser.text("#lost"), "a word on it", COMES_BACK_S)
        with self.holds("a page that lost the box finds it again by itself, and the next call appears"):
            calls = browser.text("#calls")
            with Demo(self.program, data_dir, demo.listen):
                until(lambda: not browser.text("#lost"), "the warning taken back", COMES_BACK_S)
                until(lambda: browser.text("#status h1") == "Ready.", "the headline 'Ready.'")
                until(lambda: browser.text("#calls") != calls, "a change among the calls")
                states(browser)


def states(browser):
    """The states of calls seen since `watch`. A page that was loaded again has forgotten them."""
    found = browser.run("return window.fates")
    if found is None:
        raise NotSo("the page was loaded again")
    return found


def counted(browser):
    """Characters and texts as the preview counts them."""
    match = COUNT.search(browser.text("#preview"))
    return match and (int(match.group(1)), int(match.group(2)))


def button(browser, words):
    """The button whose name begins with these words."""
    for each in browser.all("button, a.button"):
        if each.name().startswith(words):
            return each
    raise NotSo(f"no button {words!r}")


def save(browser):
    browser.one("#message-form button").click()
    # Clicking does not wait for an answer that takes its time.
    until(lambda: browser.all("#saved, .refusal[role=alert]"), "an answer to Save")


def fits(browser, width):
    # A phone zooms out of a page that is too wide.
    need(look(browser, "width") == width, f"the page takes {look(browser, 'width')} px")
    found = look(browser, "sideways")
    need(not found, "; ".join(found))


def take_picture(program, driver, data_dir, path):
    """The page on a phone, once there is something to see: a text, a call left alone, replies."""
    with Browser(driver) as browser, Demo(program, data_dir) as demo:
        browser.size(*PICTURE_PX, scale=PICTURE_SCALE)
        browser.colours("light")
        browser.open(demo.address)
        until(lambda: len(browser.all("#replies li")) == 2, "two replies", NEXT_CALL_S)
        until(lambda: "on its way" not in browser.text("#status"), "all texts sent")
        png = browser.picture(browser.run(
            "const bottom = (css) => document.querySelector(css).getBoundingClientRect().bottom + scrollY;"
            "return bottom('.replies') + 14"))
    need(len(png) <= PICTURE_BYTES, f"the picture has {len(png)} bytes")
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(png)
    print(f"{path}: {len(png)} bytes")


def program_built():
    """The program last built here."""
    built = [HERE.parents[1] / "target" / kind / "textback" for kind in ("debug", "release")]
    built = [program for program in built if program.exists()]
    if not built:
        sys.exit("no textback under target/: run `cargo build` first, or name the program with --program")
    return max(built, key=lambda program: program.stat().st_mtime)


def stop_here(number, _):
    # Raised wherever we are, so that nothing that was started is left running.
    why = f"not done within {ALL_WITHIN_S} s" if number == signal.SIGALRM else "told to end"
    raise InterruptedError(why)


def main():
    parser = argparse.ArgumentParser(description="Looks at the page of `textback demo` with a real browser.")
    parser.add_argument("--program", help="the textback to look at [default: the newest under target/]")
    parser.add_argument("--picture", metavar="FILE", help="take the README's picture instead of checking")
    parser.add_argument("--axe", metavar="FILE", help="axe-core's axe.min.js (npm), which then looks at every page too")
    parser.add_argument("--pictures", metavar="DIR", help="where to put a picture of each page")
    arguments = parser.parse_args()
    program = str(arguments.program or program_built())
    for number in (signal.SIGALRM, signal.SIGTERM):
        signal.signal(number, stop_here)
    signal.alarm(ALL_WITHIN_S)
    checks = Checks(program, arguments.axe, arguments.pictures)
    if not arguments.axe and not arguments.picture:
        print("axe-core is not named (--axe), so it is not asked")
    try:
        with tempfile.TemporaryDirectory(prefix="textback-demo-") as data_dir, Driver() as driver:
            if arguments.picture:
                take_picture(program, driver, data_dir, arguments.picture)
                return
            checks.all(driver, data_dir)
    except (NotSo, OSError, HTTPException) as error:
        checks.failed += 1
        print(f"FAIL  it came to an end: {error}")
    print(f"{checks.passed} passed, {checks.failed} failed")
    sys.exit(1 if checks.failed else 0)


if __name__ == "__main__":
    main()
