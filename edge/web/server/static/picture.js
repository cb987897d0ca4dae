// The picture with its marks: the box where the model looked, and the rectangle that a person draws.

const CLICK = 8; // pixels of the frame; a smaller rectangle is a click

const byId = (id) => document.getElementById(id);

export class Picture {
  // onRegion gets left, top, width and height in pixels of the frame.
  constructor(onRegion) {
    this.canvas = byId("picture");
    this.marks = byId("marks");
    this.turned = byId("turned");
    this.onRegion = onRegion;
    this.size = [640, 480];
    this.state = null;
    this.start = null;
    this.drawing = false; // with a finger, which otherwise scrolls
    this.marks.addEventListener("pointerdown", (event) => this.begin(event));
    this.marks.addEventListener("pointermove", (event) => this.move(event));
    this.marks.addEventListener("pointerup", (event) => this.end(event));
    this.marks.addEventListener("pointercancel", () => this.forget());
  }

  get mirrored() {
    return this.turned.classList.contains("mirrored");
  }

  set mirrored(on) {
    this.turned.classList.toggle("mirrored", on);
  }

  drawWithFinger(on) {
    this.drawing = on;
    this.marks.classList.toggle("drawing", on);
  }

  // A frame and its state, which belong together; bitmap is null where there is no picture.
  show(bitmap, state) {
    this.state = state;
    const context = this.canvas.getContext("2d");
    if (bitmap) {
      if (this.canvas.width !== bitmap.width || this.canvas.height !== bitmap.height) {
        this.canvas.width = bitmap.width;
        this.canvas.height = bitmap.height;
      }
      context.drawImage(bitmap, 0, 0);
      bitmap.close();
    } else {
      context.fillStyle = "#404040";
      context.fillRect(0, 0, this.canvas.width, this.canvas.height);
    }
    if (state.size) this.size = state.size;
    this.marks.setAttribute("viewBox", `0 0 ${this.size[0]} ${this.size[1]}`);
    const box = byId("box");
    box.toggleAttribute("hidden", !state.box);
    if (state.box) place(box, state.box[0], state.box[1], state.box[2], state.box[2]);
  }

  // What is seen as a PNG file for the viewer's own device.
  async save() {
    const { width, height } = this.canvas;
    const copy = Object.assign(document.createElement("canvas"), { width, height });
    const context = copy.getContext("2d");
    context.save();
    if (this.mirrored) {
      context.translate(width, 0);
      context.scale(-1, 1);
    }
    context.drawImage(this.canvas, 0, 0);
    const factor = width / this.size[0];
    if (this.state?.box) {
      const [left, top, side] = this.state.box.map((value) => value * factor);
      context.strokeStyle = "#fff";
      context.lineWidth = Math.max(2, width / 240);
      context.strokeRect(left, top, side, side);
    }
    context.restore();
    const text = byId("count").textContent;
    context.font = `700 ${Math.round(height * (text.length > 1 ? 0.1 : 0.22))}px system-ui, sans-serif`;
    context.textBaseline = "top";
    context.lineWidth = height / 60;
    context.strokeStyle = "#000";
    context.fillStyle = "#fff";
    context.lineJoin = "round";
    context.strokeText(text, width * 0.03, height * 0.03);
    context.fillText(text, width * 0.03, height * 0.03);
    const blob = await new Promise((done) => copy.toBlob(done, "image/png"));
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = `signs-edge-${new Date().toISOString().slice(0, 19).replace(/[-:]/g, "").replace("T", "-")}.png`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    return link.download;
  }

  // A pointer's place in pixels of the frame.
  at(event) {
    const seen = this.marks.getBoundingClientRect();
    let x = (event.clientX - seen.left) / seen.width;
    if (this.mirrored) x = 1 - x;
    const y = (event.clientY - seen.top) / seen.height;
    const within = (value, most) => Math.round(Math.min(1, Math.max(0, value)) * most);
    return [within(x, this.size[0]), within(y, this.size[1])];
  }

  begin(event) {
    if (event.button !== 0 || !this.state || (event.pointerType === "touch" && !this.drawing)) return;
    event.preventDefault();
    this.marks.setPointerCapture(event.pointerId);
    this.start = this.at(event);
  }

  move(event) {
    if (!this.start) return;
    place(byId("drag"), ...this.drawn(event));
    byId("drag").removeAttribute("hidden");
  }

  end(event) {
    if (!this.start) return;
    const drawn = this.drawn(event);
    this.forget();
    if (drawn[2] >= CLICK && drawn[3] >= CLICK) this.onRegion(...drawn);
  }

  forget() {
    this.start = null;
    byId("drag").setAttribute("hidden", "");
  }

  drawn(event) {
    const [x, y] = this.at(event);
    const [x0, y0] = this.start;
    return [Math.min(x, x0), Math.min(y, y0), Math.abs(x - x0), Math.abs(y - y0)];
  }
}

function place(rect, left, top, width, height) {
  const values = { x: left, y: top, width, height };
  for (const [name, value] of Object.entries(values)) rect.setAttribute(name, value);
}
