//! Room: cli. `nearfar import`: public data sets → scenario folders. May use `import` and clap.

use crate::import::{self, Import, ImportError};
use clap::{Args, ValueEnum};
use std::io::Write;
use std::path::{Path, PathBuf};

/// A public format that can be imported.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum Format {
    /// Meal Delivery Routing Problem: one instance folder, or a folder of many.
    Mdrp,
    /// Shanghai parcels and O2O orders: the folder of new_1.csv to new_6.csv.
    Cainiao,
    /// City-days of an on-demand platform: the folder of N_orders.csv.gz and N_couriers.csv.gz.
    Rappi,
    /// Dark stores with couriers of their own: one instance file such as grid.txt.
    Oddp,
}

/// Turn a public data set into a scenario folder.
#[derive(Clone, Debug, Args)]
pub(super) struct Arguments {
    /// Format of the source.
    pub format: Format,
    /// Folder of the data set; for oddp, the instance file.
    pub source: PathBuf,
    /// Folder to write; for several mdrp instances, the folder of their folders.
    #[arg(short = 'o', long = "output", value_name = "DIR")]
    pub output: PathBuf,
    /// City-day to take from a rappi folder: the number N in N_orders.csv.gz.
    #[arg(long, value_name = "N")]
    pub day: Option<u32>,
    /// Let any restaurant of an mdrp instance serve any order, instead of the one it names.
    #[arg(long)]
    pub any_store: bool,
    /// Orders to replay in an oddp instance: a trace with columns order, t_order_s, client, commission_s, service_s.
    /// Without it the scenario draws days by the simulator's rules.
    #[arg(long, value_name = "TRACE")]
    pub orders: Option<PathBuf>,
    /// Write into a folder that holds other things; they stay.
    #[arg(long)]
    pub force: bool,
}

/// Imports and writes; what was found and assumed goes to `screen`.
pub(super) fn run(args: &Arguments, screen: &mut dyn Write) -> Result<(), ImportError> {
    if args.day.is_some() && args.format != Format::Rappi {
        return Err(ImportError::DayNotAsked);
    }
    if args.any_store && args.format != Format::Mdrp {
        return Err(ImportError::AnyStoreNotAsked);
    }
    if args.orders.is_some() && args.format != Format::Oddp {
        return Err(ImportError::OrdersNotAsked);
    }
    match args.format {
        Format::Mdrp => import_instances(args, screen),
        Format::Cainiao => write(&import::cainiao(&args.source)?, &args.output, args.force, screen),
        Format::Rappi => write(&import::rappi(&args.source, args.day)?, &args.output, args.force, screen),
        Format::Oddp => write(&import::oddp(&args.source, args.orders.as_deref())?, &args.output, args.force, screen),
    }
}

fn import_instances(args: &Arguments, screen: &mut dyn Write) -> Result<(), ImportError> {
    let instances = import::mdrp_instances(&args.source)?;
    let read = if args.any_store { import::mdrp_any_store } else { import::mdrp };
    if instances == [args.source.clone()] {
        return write(&read(&args.source)?, &args.output, args.force, screen);
    }
    // All are read before the first is written: a broken one leaves nothing half done.
    let imports = instances.iter().map(|instance| read(instance)).collect::<Result<Vec<_>, _>>()?;
    for import in &imports {
        import.check_folder(&args.output.join(&import.name), args.force)?;
    }
    for import in &imports {
        import.write(&args.output.join(&import.name), args.force)?;
    }
    say(screen, &format!("{} instances imported to {}", imports.len(), args.output.display()))
}

fn write(import: &Import, folder: &Path, force: bool, screen: &mut dyn Write) -> Result<(), ImportError> {
    import.write(folder, force)?;
    for note in &import.notes {
        say(screen, note)?;
    }
    let scenario = folder.join("scenario.toml");
    say(
        screen,
        &format!("written: {}\nnext:    nearfar run {}", folder.display(), crate::results::shell_path(&scenario)),
    )
}

fn say(screen: &mut dyn Write, line: &str) -> Result<(), ImportError> {
    writeln!(screen, "{line}").map_err(|error| ImportError::io(Path::new("the screen"), error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn arguments(format: Format, source: &Path, output: &Path) -> Arguments {
        let (source, output) = (source.into(), output.into());
        Arguments { format, source, output, day: None, any_store: false, orders: None, force: false }
    }

    fn instance(folder: &Path, orders: &str) {
        fs::create_dir_all(folder).unwrap();
        let parameters = "meters_per_minute\tpickup service minutes\tdropoff service minutes\ttarget click-to-door\tmaximum click-to-door\tpay per order\tguaranteed pay per hour\n320\t4\t4\t40\t90\t10\t15\n";
        let files = [
            ("orders.txt", format!("order\tx\ty\tplacement_time\trestaurant\tready_time\n{orders}")),
            ("restaurants.txt", "restaurant\tx\ty\nr1\t0\t0\n".into()),
            ("couriers.txt", "courier\tx\ty\ton_time\toff_time\n".into()),
            ("instance_parameters.txt", parameters.into()),
        ];
        files.iter().for_each(|(name, text)| fs::write(folder.join(name), text).unwrap());
    }

    #[test]
    fn a_folder_of_instances_becomes_a_folder_of_scenarios_or_nothing() {
        let work = tempfile::tempdir().unwrap();
        let (source, target) = (work.path().join("mdrp"), work.path().join("out"));
        instance(&source.join("a"), "o1\t1\t1\t0\tr1\t5\n");
        instance(&source.join("b"), "o1\t1\t1\tsoon\tr1\t5\n");
        let mut screen = Vec::new();
        let broken = run(&arguments(Format::Mdrp, &source, &target), &mut screen).unwrap_err();
        assert!(broken.to_string().contains("found \"soon\"") && !target.exists(), "{broken}");
        instance(&source.join("b"), "o1\t1\t1\t0\tr1\t5\n");
        run(&arguments(Format::Mdrp, &source, &target), &mut screen).unwrap();
        assert!(target.join("a/scenario.toml").exists() && target.join("b/orders.csv").exists());
        assert!(String::from_utf8(screen).unwrap().starts_with("2 instances imported to "));
    }

    #[test]
    fn a_day_is_refused_where_there_are_none() {
        let mut asked = arguments(Format::Mdrp, Path::new("mdrp"), Path::new("out"));
        asked.day = Some(8);
        assert!(matches!(run(&asked, &mut Vec::new()), Err(ImportError::DayNotAsked)));
        let asked = Arguments { any_store: true, ..arguments(Format::Rappi, Path::new("rappi"), Path::new("out")) };
        assert!(matches!(run(&asked, &mut Vec::new()), Err(ImportError::AnyStoreNotAsked)));
    }

    #[test]
    fn orders_are_refused_where_the_source_has_its_own() {
        let mut asked = arguments(Format::Mdrp, Path::new("mdrp"), Path::new("out"));
        asked.orders = Some("trace.csv".into());
        assert!(matches!(run(&asked, &mut Vec::new()), Err(ImportError::OrdersNotAsked)));
    }
}
