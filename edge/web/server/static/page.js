// The page of a run: follows its frames, shows their states, and sends what a person asks.

import { Picture } from "/picture.js";

const STALE_MS = 3000; // without a new frame the picture is greyed
const WAIT_MS = 15000; // for an answer; the server gives one within eight seconds
const SPOKEN_MS = 1200; // between two counts that are read aloud
const HISTORY = 150;
const WORDS = { lost: "no camera", frozen: "frozen", black: "black", overexposed: "overexposed", paused: "paused" };

const byId = (id) => document.getElementById(id);
const text = (id, value) => { if (byId(id).textContent !== value) byId(id).textContent = value; };
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const percent = (share, digits = 0) => `${(100 * share).toFixed(digits)} %`;

let state = null; // of the frame that is shown
let cameAt = 0; // when it came
let gone = "connecting"; // why no frames come; empty where they do
let mirrorChosen = false; // by the person, not by the run
let spokenAt = 0;
let spoken = "";
let replyTimer = 0;

const picture = new Picture((left, top, width, height) => {
  useFinger(false);
  ask("look", { roi: `${left},${top},${width},${height}` });
});

// Frames, for as long as the page is open: each request waits for one that is newer than what is shown.
async function follow() {
  let pause = 250;
  for (;;) {
    if (document.hidden) await new Promise((seen) => document.addEventListener("visibilitychange", seen, { once: true }));
    try {
      const answer = await fetch(`/frame?after=${state ? state.number : ""}`, {
        cache: "no-store", credentials: "same-origin", signal: AbortSignal.timeout(WAIT_MS),
      });
      if (!answer.ok) throw new Error(refusal(answer.status));
      const header = answer.headers.get("signs-edge-state");
      const bitmap = answer.status === 200 ? await createImageBitmap(await answer.blob()) : null;
      if (header) {
        state = JSON.parse(header);
        cameAt = performance.now();
        gone = "";
        picture.show(bitmap, state);
        showState();
      } else {
        gone = "no new picture";
      }
      pause = 250;
    } catch (error) {
      gone = error instanceof TypeError || error.name === "TimeoutError" ? "no connection" : error.message || "no connection";
      await sleep(pause);
      pause = Math.min(2000, pause * 2);
    }
    showLink();
  }
}

function refusal(status) {
  if (status === 401) return "no right token: open the address that the command printed";
  if (status === 503) return "too many viewers";
  return `no connection (${status})`;
}

function showLink() {
  const still = state && performance.now() - cameAt > STALE_MS;
  const why = gone || (still ? "no new picture" : "");
  byId("link").dataset.link = why ? (state || why !== "connecting" ? "gone" : "wait") : "live";
  text("link", why ? (why.length > 24 ? "no connection" : why) : "live");
  byId("view").classList.toggle("stale", Boolean(why));
  document.body.classList.toggle("old", Boolean(why)); // the last answer is no answer any more
  byId("veil").hidden = !why || why === "connecting";
  text("veil", why ? `${why}${why.startsWith("no connection") ? ", trying again" : ""}` : "");
}

function answerInWords() {
  if (state.state !== "ok") return WORDS[state.state] || state.state;
  if (state.count !== null) return String(state.count);
  if (state.latency_ms === null) return "–";
  return state.raw_count !== null ? "…" : "no hand"; // smoothing waits for more frames that say the same
}

function showState() {
  const answer = answerInWords();
  const isNumber = state.state === "ok" && state.count !== null;
  text("source", state.source);
  text("count", answer);
  byId("count").classList.toggle("words", answer.length > 1);
  text("word", state.state !== "ok" ? "not counting" : isNumber ? (state.count === 1 ? "finger" : "fingers")
    : state.raw_count !== null ? "waiting for the count to settle"
    : state.confidence !== null ? "not sure enough for a count" : "no count");
  speak(isNumber ? `${answer} ${state.count === 1 ? "finger" : "fingers"}` : answer);

  const sure = state.confidence ?? 0;
  byId("sure").style.width = `${100 * sure}%`;
  byId("sure").classList.toggle("unsure", sure < state.min_confidence);
  byId("least").hidden = !(state.min_confidence > 0);
  byId("least").style.left = `${100 * state.min_confidence}%`;
  byId("meter").setAttribute("aria-valuenow", Math.round(100 * sure));
  const least = state.min_confidence > 0 ? `, ${percent(state.min_confidence)} needed` : "";
  text("said", state.confidence === null ? "" : `${percent(sure)} sure of ${state.label}${least}`);

  text("raw", state.state !== "ok" || state.latency_ms === null ? "–" : state.raw_count === null ? "no count" : String(state.raw_count));
  text("age", state.age_ms === null ? "–" : `${Math.round(state.age_ms)} ms`);
  text("rate", state.rate_fps === null ? "–" : `${state.rate_fps.toFixed(state.rate_fps < 10 ? 1 : 0)} / s`);
  text("latency", state.latency_ms === null ? "–" : `${state.latency_ms.toFixed(1)} ms`);
  showTwin();
  showHistory();

  text("pause", state.paused ? "Go on" : "Stop");
  byId("auto").setAttribute("aria-pressed", state.roi === "auto");
  byId("center").setAttribute("aria-pressed", state.roi === "center");
  if (!mirrorChosen) mirror(state.mirror);
  makeLabels();
}

function showTwin() {
  const { agreement, drift } = state;
  const [low, high] = agreement?.interval ?? [0, 1];
  const between = high - low < 1 ? ` (95 % interval ${percent(low, 1)} to ${percent(high, 1)})` : ", too few for an interval";
  text("agreement", agreement ? `the same on ${percent(agreement.rate, 1)} of ${agreement.frames} frames${between}`
    : drift ? "not asked yet" : "The run has no float twin to compare with.");
  byId("verdict").dataset.status = drift ? drift.status : "none";
  byId("verdict").hidden = !drift;
  text("verdict", drift ? { ok: "no drift", drift: "drift", unknown: "drift unknown" }[drift.status] : "");
  text("why", drift ? drift.text.split(";")[0].replace(/^(ok|drift|unknown)(: )?/, "") : "");
}

function showHistory() {
  const bars = [];
  const first = HISTORY - state.history.length;
  state.history.forEach((count, place) => {
    if (count !== null) bars.push(`M${first + place} 6V${(5.6 - Math.min(count, 5)).toFixed(1)}h1V6z`);
  });
  byId("bars").setAttribute("d", bars.join(""));
}

function speak(words) {
  if (words === spoken || performance.now() - spokenAt < SPOKEN_MS) return;
  spoken = words;
  spokenAt = performance.now();
  text("spoken", words);
}

function makeLabels() {
  const group = byId("labels");
  if (group.dataset.labels === state.labels.join()) return;
  group.dataset.labels = state.labels.join();
  group.replaceChildren(...state.labels.map((label) => {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: label });
    button.dataset.label = label;
    if (label === "none") Object.assign(button, { textContent: "no hand", className: "wide" });
    button.addEventListener("click", () => give(label));
    return button;
  }));
}

// What the run answers is shown for some seconds.
async function ask(what, told) {
  let answer;
  try {
    const response = await fetch(`/${what}`, {
      method: "POST", credentials: "same-origin", headers: { "Content-Type": "application/json" },
      body: JSON.stringify(told), signal: AbortSignal.timeout(WAIT_MS),
    });
    answer = response.headers.get("Content-Type") === "application/json" ? await response.json() : { refused: refusal(response.status) };
  } catch {
    answer = { refused: "no connection" };
  }
  reply(answer.done ?? answer.refused, "done" in answer);
}

function reply(words, fine) {
  text("reply", words);
  byId("reply").className = `small ${fine ? "yes" : "no"}`;
  clearTimeout(replyTimer);
  replyTimer = setTimeout(() => {
    text("reply", "Press a number to tell how many fingers are up.");
    byId("reply").className = "small";
  }, 5000);
}

function give(label) {
  if (state) ask("label", { frame: state.number, label });
}

function pause() {
  if (state) ask("pause", { paused: !state.paused });
}

function mirror(on) {
  picture.mirrored = on;
  byId("mirror").setAttribute("aria-pressed", on);
}

function turn() {
  mirrorChosen = true;
  mirror(!picture.mirrored);
}

async function snapshot() {
  if (state) reply(`${await picture.save()} is on your device`, true);
}

function useFinger(on) {
  picture.drawWithFinger(on);
  byId("draw").setAttribute("aria-pressed", on);
  if (on) reply("Draw a rectangle over the picture.", true);
}

const DO = { " ": pause, a: () => ask("look", { roi: "auto" }), c: () => ask("look", { roi: "center" }), m: turn, s: snapshot };

byId("pause").addEventListener("click", pause);
byId("auto").addEventListener("click", DO.a);
byId("center").addEventListener("click", DO.c);
byId("draw").addEventListener("click", () => useFinger(!picture.drawing));
byId("mirror").addEventListener("click", turn);
byId("snapshot").addEventListener("click", snapshot);
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.key === " " && event.target instanceof HTMLButtonElement) return; // presses the button
  const label = event.key === "n" ? "none" : event.key;
  if (state?.labels.includes(label)) give(label);
  else if (DO[event.key]) DO[event.key]();
  else return;
  event.preventDefault();
});

setInterval(showLink, 500);
follow();
