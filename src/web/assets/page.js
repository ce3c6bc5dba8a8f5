// Keeps an open page up to date and shows what a message becomes as one types. It puts in place what the box has drawn;
// it counts and decides nothing, and the page works without it.
"use strict";

const byId = (id) => document.getElementById(id);
const ASK_WITHIN_MS = 10000;
const ASK_AGAIN_MS = 15000;
const TYPING_PAUSE_MS = 200;

const ask = async (address, options = {}) => {
  const signal = AbortSignal.timeout(ASK_WITHIN_MS);
  const answer = await fetch(address, { ...options, signal });
  // Signed out, here or elsewhere: the page itself leads to where one signs in.
  if (answer.status === 401) location.reload();
  if (!answer.ok) throw new Error(answer.status);
  return answer.text();
};

const setLost = (lost) => {
  byId("lost").hidden = !lost;
  document.body.classList.toggle("stale", lost);
};

// What changes by itself

const swapIn = (html) => {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  for (const part of fresh.querySelectorAll("[data-live]")) {
    const shown = byId(part.id);
    if (!shown || shown.innerHTML === part.innerHTML) continue;
    shown.innerHTML = part.innerHTML;
    const details = shown.closest("details");
    if (details) details.className = part.closest("details").className;
  }
};

let asking = false;
let askAgain = false;
const refresh = async () => {
  askAgain = asking;
  if (asking) return;
  asking = true;
  try {
    swapIn(await ask(document.body.dataset.now || "/now"));
    setLost(false);
  } catch {
    setLost(true);
  }
  asking = false;
  if (askAgain) refresh();
};

let news = null;
let later = 0;
const listen = () => {
  if (!document.querySelector("[data-live]")) return;
  clearTimeout(later);
  if (news) news.close();
  news = new EventSource("/events");
  news.onmessage = refresh;
  news.onerror = () => {
    refresh();
    // A box that is gone is asked again by the browser, one that had no room for us is not.
    if (news.readyState === EventSource.CLOSED) later = setTimeout(listen, ASK_AGAIN_MS);
  };
};
const rest = () => {
  clearTimeout(later);
  if (news) news.close();
  news = null;
};
// A page that nobody looks at asks for nothing.
document.addEventListener("visibilitychange", () => (document.hidden ? rest() : listen()));
addEventListener("pagehide", rest);
addEventListener("pageshow", (event) => event.persisted && listen());
if (!document.hidden) listen();

// The message

const form = byId("message-form");
if (form) {
  let pause = 0;
  let typed = 0;
  const preview = async () => {
    const mine = ++typed;
    const body = new URLSearchParams(new FormData(form));
    try {
      const html = await ask(form.dataset.preview || "/preview", { method: "POST", body });
      if (mine === typed) byId("preview").innerHTML = html;
    } catch {
      // The next letter asks again, and saving says what is wrong.
    }
  };
  form.addEventListener("input", () => {
    byId("saved")?.remove();
    clearTimeout(pause);
    pause = setTimeout(preview, TYPING_PAUSE_MS);
  });
  // A browser leaves a field where it is if half of it can be seen, and the reason below it out of sight.
  form.querySelector(".refusal")?.scrollIntoView({ block: "center" });
}
if (location.search) history.replaceState(null, "", location.pathname + location.hash);
