//! Lists of names.

use panopticon_model::update::Delegation;
use panopticon_sources::zone::{Diff, Guard, Kind, Settings, Snapshot, from_names};

use super::content;

#[test]
fn a_list_becomes_rows_without_name_servers() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("s");
    let list = "\u{feff}# names\r\nB.zz\r\na.zz.\n\n a-b.zz # old\nb.zz\nstraße.zz\nother.yy\nno name.zz\nx@y.zz\n\u{fffd}"
        .to_owned()
        + &"x".repeat(9000)
        + "\nlast.zz";
    let settings = Settings::new(folder.path());
    let (meta, faults) = from_names(list.as_bytes(), |name| name.is_below("zz"), &settings, &out).unwrap();
    assert_eq!((meta.kind, meta.rows, meta.sets, meta.skipped), (Kind::Names, 5, 0, 1));
    let snapshot = Snapshot::open(&out).unwrap();
    let (rows, sets) = content(&snapshot);
    let name_only = Delegation { name_servers: 0, flags: Delegation::NAME_ONLY };
    let owners = ["a.zz", "a-b.zz", "b.zz", "last.zz", "xn--strae-oqa.zz"];
    assert_eq!(rows, owners.map(|owner| (owner.to_owned(), name_only)));
    assert_eq!(sets, []);
    let lines: Vec<_> = faults.first.iter().map(|fault| (fault.line_number, fault.sample.as_str())).collect();
    assert_eq!(faults.count, 3);
    assert_eq!(lines[..2], [(9, "no name.zz"), (10, "[email]")]);
    assert_eq!(lines[2].0, 11);
    assert_eq!(Guard::default().check(None, &meta), Ok(()));
    assert_eq!(Diff::between(None, Some(&snapshot)).unwrap().count(), 5);
}

#[test]
fn faults_are_kept_up_to_a_thousand() {
    let folder = tempfile::tempdir().unwrap();
    let list = "..\n".repeat(1500);
    let settings = Settings::new(folder.path());
    let (meta, faults) = from_names(list.as_bytes(), |_| true, &settings, &folder.path().join("s")).unwrap();
    assert_eq!((meta.rows, faults.count, faults.first.len()), (0, 1500, 1000));
}
