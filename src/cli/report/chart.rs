//! The chart of a table: a bar a day, as SVG. Its colours are the page's.

use panopticon_model::time::Day;
use plotters::prelude::{
    ChartBuilder, Color as _, IntoDrawingArea as _, IntoFont as _, RGBColor, Rectangle, SVGBackend,
};

use super::super::output::Row;
use super::Table;
use super::words::{number, text};

/// Narrow, so that its words can be read on a phone.
const SIZE: (u32, u32) = (480, 220);
/// What stands for the colours of the page: its style sheet gives each a new one.
const INK: RGBColor = RGBColor(0, 0, 0);
const GRID: RGBColor = RGBColor(221, 221, 221);
const BAR: RGBColor = RGBColor(0, 0, 255);

/// The chart of a table; none when the table asks for none, or has no day.
pub(super) fn of(table: &Table) -> anyhow::Result<Option<String>> {
    let Some([day, height]) = table.chart else { return Ok(None) };
    let bar = |row: &Row| Some((text(row, day).parse().ok()?, number(row, height)));
    let bars: Vec<(Day, u64)> = table.rows.iter().filter_map(bar).collect();
    let ends = bars.first().zip(bars.last());
    ends.map(|((first, _), (last, _))| svg(*first, *last, &bars)).transpose()
}

fn svg(first: Day, last: Day, bars: &[(Day, u64)]) -> anyhow::Result<String> {
    let mut svg = String::new();
    let highest = bars.iter().map(|(_, height)| *height).max().unwrap_or_default().max(1);
    {
        let area = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        let at = |day: Day| f64::from(day.0) - f64::from(first.0);
        let mut chart = ChartBuilder::on(&area)
            .margin(8)
            .x_label_area_size(30)
            .y_label_area_size(44)
            .build_cartesian_2d(-0.5..at(last) + 0.5, 0..highest + highest.div_ceil(8))?;
        let font = ("sans-serif", 17).into_font().color(&INK);
        let label = |x: &f64| Day(first.0.saturating_add_signed(x.round() as i32)).to_string();
        let short = |x: &f64| {
            let is_a_day = (x - x.round()).abs() < 0.01;
            if is_a_day { label(x).chars().skip(8).collect() } else { String::new() }
        };
        chart
            .configure_mesh()
            .disable_x_mesh()
            .light_line_style(GRID.mix(0.0))
            .bold_line_style(GRID)
            .axis_style(GRID)
            .label_style(font)
            .x_labels(bars.len().min(16))
            .y_labels(5)
            .x_label_formatter(&short)
            .draw()?;
        chart.draw_series(bars.iter().map(|(day, height)| {
            Rectangle::new([(at(*day) - 0.35, 0), (at(*day) + 0.35, *height)], BAR.filled())
        }))?;
        area.present()?;
    }
    Ok(svg)
}
