//! A terminal's screen as an SVG picture.

use std::fmt::Write as _;

const CELL_WIDTH: f32 = 8.4;
const CELL_HEIGHT: f32 = 18.0;
const MARGIN: f32 = 14.0;
const BAR: f32 = 28.0;

/// Returns the picture of `screen`: each run of cells that look alike is one `<text>`, with a window's frame around.
pub(crate) fn picture(screen: &vt100::Screen, title: &str) -> String {
    let (rows, columns) = screen.size();
    let width = f32::from(columns) * CELL_WIDTH + 2.0 * MARGIN;
    let height = f32::from(rows) * CELL_HEIGHT + 2.0 * MARGIN + BAR;
    let mut svg = String::new();
    let _infallible = write!(
        svg,
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0}" height="{height:.0}" viewBox="0 0 {width:.0} {height:.0}">
<title>{title}</title>
<rect width="100%" height="100%" rx="8" fill="#16181d"/>
<g fill="#3a3f4b"><circle cx="20" cy="18" r="6"/><circle cx="40" cy="18" r="6"/><circle cx="60" cy="18" r="6"/></g>
<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="14" xml:space="preserve">
"##,
        title = escape(title)
    );
    for row in 0..rows {
        for run in runs(screen, row, columns) {
            run.write(&mut svg, row);
        }
    }
    svg.push_str("</g>\n</svg>\n");
    svg
}

/// Cells of one row that stand side by side and look alike.
struct Run {
    column: u16,
    width: u16,
    text: String,
    look: Look,
}

#[derive(PartialEq, Clone, Copy)]
struct Look {
    foreground: [u8; 3],
    background: Option<[u8; 3]>,
    bold: bool,
    underline: bool,
    dim: bool,
}

fn runs(screen: &vt100::Screen, row: u16, columns: u16) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for column in 0..columns {
        let Some(cell) = screen.cell(row, column) else { continue };
        if cell.is_wide_continuation() {
            continue;
        }
        let look = look(cell);
        let width = if cell.is_wide() { 2 } else { 1 };
        let text = if cell.has_contents() { cell.contents() } else { " " };
        match runs.last_mut() {
            Some(run) if run.look == look && text.is_ascii() && run.text.is_ascii() => {
                run.text.push_str(text);
                run.width += width;
            }
            _ => runs.push(Run { column, width, text: text.to_owned(), look }),
        }
    }
    runs
}

impl Run {
    fn write(&self, svg: &mut String, row: u16) {
        let x = MARGIN + f32::from(self.column) * CELL_WIDTH;
        let y = MARGIN + BAR + f32::from(row) * CELL_HEIGHT;
        let width = f32::from(self.width) * CELL_WIDTH;
        if let Some(background) = self.look.background {
            let _infallible = writeln!(
                svg,
                r#"<rect x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{CELL_HEIGHT}" fill="{}"/>"#,
                hex(background)
            );
        }
        if self.text.trim().is_empty() {
            return;
        }
        let mut style = String::new();
        if self.look.bold {
            style.push_str(r#" font-weight="bold""#);
        }
        if self.look.underline {
            style.push_str(r#" text-decoration="underline""#);
        }
        if self.look.dim {
            style.push_str(r#" opacity="0.65""#);
        }
        let _infallible = writeln!(
            svg,
            r#"<text x="{x:.1}" y="{:.1}" textLength="{width:.1}" lengthAdjust="spacingAndGlyphs" fill="{}"{style}>{}</text>"#,
            y + 13.5,
            hex(self.look.foreground),
            escape(&self.text)
        );
    }
}

fn look(cell: &vt100::Cell) -> Look {
    let foreground = colour(cell.fgcolor()).unwrap_or([0xd5, 0xd9, 0xe0]);
    let background = colour(cell.bgcolor());
    let (foreground, background) = if cell.inverse() {
        (background.unwrap_or([0x16, 0x18, 0x1d]), Some(foreground))
    } else {
        (foreground, background)
    };
    Look { foreground, background, bold: cell.bold(), underline: cell.underline(), dim: cell.dim() }
}

/// The sixteen colours, then xterm's cube and greys.
fn colour(colour: vt100::Color) -> Option<[u8; 3]> {
    const SIXTEEN: [[u8; 3]; 16] = [
        [0x28, 0x2c, 0x34],
        [0xe0, 0x6c, 0x75],
        [0x98, 0xc3, 0x79],
        [0xe5, 0xc0, 0x7b],
        [0x61, 0xaf, 0xef],
        [0xc6, 0x78, 0xdd],
        [0x56, 0xb6, 0xc2],
        [0xab, 0xb2, 0xbf],
        [0x6b, 0x72, 0x80],
        [0xff, 0x7b, 0x85],
        [0xb5, 0xe0, 0x90],
        [0xff, 0xd8, 0x8a],
        [0x7c, 0xc4, 0xff],
        [0xdc, 0x9a, 0xf0],
        [0x70, 0xd5, 0xe0],
        [0xff, 0xff, 0xff],
    ];
    match colour {
        vt100::Color::Default => None,
        vt100::Color::Rgb(red, green, blue) => Some([red, green, blue]),
        vt100::Color::Idx(index @ 0..=15) => Some(SIXTEEN[usize::from(index)]),
        vt100::Color::Idx(index @ 16..=231) => {
            let level = |n: u8| if n == 0 { 0 } else { 55 + 40 * n };
            let index = index - 16;
            Some([level(index / 36), level(index / 6 % 6), level(index % 6)])
        }
        vt100::Color::Idx(index @ 232..) => Some([8 + 10 * (index - 232); 3]),
    }
}

fn hex([red, green, blue]: [u8; 3]) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
