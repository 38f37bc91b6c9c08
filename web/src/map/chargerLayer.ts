import type { CustomLayerInterface, CustomRenderMethodInput, Map as GlMap } from 'maplibre-gl';
import type { Chargers } from './places';

// All chargers in one draw call. Positions go to the graphics memory once; of the states (a byte each) only the changed
// stretch is sent again, so 66,800 chargers cost the page nothing between changes.
const VERTEX = `#version 300 es
in vec2 place;
in float state;
uniform mat4 matrix;
uniform float size;
flat out int kind;
void main() {
  kind = int(state + 0.5);
  gl_Position = matrix * vec4(place, 0.0, 1.0);
  gl_PointSize = size;
}`;

// The shapes of the house: ○ ◐ ● ◇ ◎ ▲ × ?, as distances from the middle. Small points are plain dots.
const FRAGMENT = `#version 300 es
precision highp float;
flat in int kind;
uniform vec3 colours[8];
uniform vec3 ground;
uniform float size;
uniform float opacity;
out vec4 colour;
float ring(float d, float r, float w) { return abs(d - r) - w; }
void main() {
  vec2 p = (gl_PointCoord - 0.5) * 2.0;
  float edge = 2.4 / size;
  float d = length(p);
  float s;
  float back = d - 0.98;
  if (size < 9.0) {
    s = d - 0.82;
    back = 1.0;
  } else if (kind == 0) s = ring(d, 0.66, 0.13);
  else if (kind == 1) s = min(ring(d, 0.66, 0.13), max(d - 0.7, p.x));
  else if (kind == 2) s = d - 0.8;
  else if (kind == 3) s = ring(abs(p.x) + abs(p.y), 0.74, 0.15);
  else if (kind == 4) s = min(ring(d, 0.72, 0.11), d - 0.3);
  else if (kind == 5) s = max(p.y - 0.62, abs(p.x) * 0.87 - (p.y + 0.86) * 0.5);
  else if (kind == 6) s = max(min(abs(p.x + p.y), abs(p.x - p.y)) * 0.707 - 0.14, d - 0.82);
  else s = max(min(max(ring(length(p - vec2(0.0, -0.28)), 0.36, 0.12), -max(-p.x - 0.02, p.y + 0.2)), min(max(abs(p.x) - 0.12, abs(p.y - 0.2) - 0.16), length(p - vec2(0.0, 0.68)) - 0.15)), d - 0.95);
  float a = 1.0 - smoothstep(-edge, 0.0, s);
  float b = (1.0 - smoothstep(-edge, 0.0, back)) * 0.9;
  float alpha = max(a, b) * opacity;
  if (alpha < 0.02) discard;
  colour = vec4(mix(ground, colours[kind], a) * alpha, alpha);
}`;

export type Colour = [number, number, number];

export class ChargerLayer implements CustomLayerInterface {
  readonly id = 'chargers';
  readonly type = 'custom' as const;
  readonly renderingMode = '2d' as const;
  private map: GlMap | null = null;
  private gl: WebGL2RenderingContext | null = null;
  private program: WebGLProgram | null = null;
  private vertices: WebGLVertexArrayObject | null = null;
  private stateBuffer: WebGLBuffer | null = null;
  private dirtyFrom = 0;
  private dirtyTo = 0;
  private readonly middle: [number, number];
  private colours: Float32Array = new Float32Array(24);
  private ground: Colour = [1, 1, 1];

  constructor(private readonly chargers: Chargers) {
    const n = chargers.x.length;
    // Places relative to the middle of the city: a 32-bit float then resolves centimetres, not metres.
    this.middle = n ? [chargers.x.reduce((sum, x) => sum + x, 0) / n, chargers.y.reduce((sum, y) => sum + y, 0) / n] : [0.5, 0.5];
  }

  paint(colours: Colour[], ground: Colour): void {
    this.colours = new Float32Array(colours.flat());
    this.ground = ground;
    this.map?.triggerRepaint();
  }

  /** States first…last have changed. */
  changed(first: number, last: number): void {
    this.dirtyFrom = this.dirtyTo > this.dirtyFrom ? Math.min(this.dirtyFrom, first) : first;
    this.dirtyTo = Math.max(this.dirtyTo, last + 1);
    this.map?.triggerRepaint();
  }

  onAdd(map: GlMap, context: WebGLRenderingContext | WebGL2RenderingContext): void {
    const gl = context as WebGL2RenderingContext;
    this.map = map;
    this.gl = gl;
    const program = gl.createProgram();
    for (const [kind, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]] as const) {
      const shader = gl.createShader(kind);
      if (!shader) throw new Error('no shader');
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) throw new Error(gl.getShaderInfoLog(shader) ?? 'shader');
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program) ?? 'program');
    this.program = program;
    const n = this.chargers.x.length;
    const places = new Float32Array(n * 2);
    for (let i = 0; i < n; i++) {
      places[2 * i] = (this.chargers.x[i] ?? 0) - this.middle[0];
      places[2 * i + 1] = (this.chargers.y[i] ?? 0) - this.middle[1];
    }
    this.vertices = gl.createVertexArray();
    gl.bindVertexArray(this.vertices);
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
    gl.bufferData(gl.ARRAY_BUFFER, places, gl.STATIC_DRAW);
    const place = gl.getAttribLocation(program, 'place');
    gl.enableVertexAttribArray(place);
    gl.vertexAttribPointer(place, 2, gl.FLOAT, false, 0, 0);
    this.stateBuffer = gl.createBuffer();
    gl.bindBuffer(gl.ARRAY_BUFFER, this.stateBuffer);
    gl.bufferData(gl.ARRAY_BUFFER, this.chargers.states, gl.DYNAMIC_DRAW);
    const state = gl.getAttribLocation(program, 'state');
    gl.enableVertexAttribArray(state);
    gl.vertexAttribPointer(state, 1, gl.UNSIGNED_BYTE, false, 0, 0);
    gl.bindVertexArray(null);
  }

  onRemove(): void {
    this.map = null;
    if (this.program) this.gl?.deleteProgram(this.program);
    this.gl = null;
  }

  render(context: WebGLRenderingContext | WebGL2RenderingContext, input: CustomRenderMethodInput): void {
    const gl = context as WebGL2RenderingContext;
    const program = this.program;
    if (!program || !this.map || !this.chargers.x.length) return;
    gl.useProgram(program);
    gl.bindVertexArray(this.vertices);
    if (this.dirtyTo > this.dirtyFrom) {
      gl.bindBuffer(gl.ARRAY_BUFFER, this.stateBuffer);
      gl.bufferSubData(gl.ARRAY_BUFFER, this.dirtyFrom, this.chargers.states, this.dirtyFrom, this.dirtyTo - this.dirtyFrom);
      this.dirtyFrom = this.dirtyTo = 0;
    }
    const zoom = this.map.getZoom();
    const size = pointSize(zoom) * devicePixelRatio;
    gl.uniformMatrix4fv(gl.getUniformLocation(program, 'matrix'), false, moved(input.defaultProjectionData.mainMatrix, this.middle));
    gl.uniform1f(gl.getUniformLocation(program, 'size'), size);
    gl.uniform1f(gl.getUniformLocation(program, 'opacity'), zoom < 10 ? 0.4 : zoom < 14 ? 0.7 : 1);
    gl.uniform3fv(gl.getUniformLocation(program, 'colours'), this.colours);
    gl.uniform3fv(gl.getUniformLocation(program, 'ground'), this.ground);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.disable(gl.DEPTH_TEST);
    gl.drawArrays(gl.POINTS, 0, this.chargers.x.length);
    gl.bindVertexArray(null);
  }
}

/** Diameter in CSS pixels. */
export function pointSize(zoom: number): number {
  if (zoom < 10) return 2;
  if (zoom < 14) return 2 + (zoom - 10) * 0.9;
  return Math.min(20, 6 + (zoom - 14) * 4.5);
}

/** matrix × translation, in doubles. */
function moved(matrix: ArrayLike<number>, [x, y]: [number, number]): Float32Array {
  const result = Float32Array.from(matrix);
  for (let row = 0; row < 4; row++) result[12 + row] = (matrix[row] ?? 0) * x + (matrix[4 + row] ?? 0) * y + (matrix[12 + row] ?? 0);
  return result;
}
