//! The lists of people: putting on and taking off, looking for somebody, many at once, and what the rules are told.

use super::*;
use crate::address_book::{ENTRIES_MAX, Entry};

const CLEO: &str = "+4915123456789";

async fn put(store: &Store, list: List, who: &str, name: &str) -> bool {
    let who = number(who);
    let put = store.list_person(list, &who, name, at(NOON)).await;
    put.unwrap().unwrap()
}

/// `+12025550143 Ann`, one a person.
async fn sought(store: &Store, list: List, sought: &str) -> Vec<String> {
    let found = store.people(list, sought, 0, 100).await.unwrap();
    assert_eq!(found.matching, found.people.len());
    let line = |person: &Person| format!("{} {}", person.number, person.name);
    found.people.iter().map(line).collect()
}

fn entry(number: u64, name: &str) -> Entry {
    Entry {
        number: PhoneNumber::from_e164(&format!("+{number}")).unwrap(),
        name: name.to_owned(),
    }
}

/// The name on the never-text list and among the contacts, as the rules are told.
async fn facts_of(store: &Store, caller: &'static str) -> (Option<String>, Option<String>) {
    let (sender, receiver) = std::sync::mpsc::channel();
    let judge = move |facts: &Facts<'_>, _: &Settings| {
        let facts = (facts.never_text.clone(), facts.contact.clone());
        sender.send(facts).unwrap();
        (Decision::Skip(SkipReason::TooLate), None)
    };
    store.end_call(ended(caller, NOON), judge).await.unwrap();
    receiver.recv().unwrap()
}

#[tokio::test]
async fn people_are_put_on_a_list_renamed_and_taken_off() {
    let Fixture { store, dir } = fixture();
    for (list, facts) in [
        (List::NeverText, (Some("Ann B".to_owned()), None)),
        (List::Contacts, (None, Some("Ann B".to_owned()))),
    ] {
        assert!(put(&store, list, ANNA, "Ann").await);
        assert!(
            !put(&store, list, ANNA, " Ann\u{202e}\nB").await,
            "a new name"
        );
        assert!(!put(&store, list, ANNA, "").await, "keeps its name");
        assert_eq!(sought(&store, list, "").await, [format!("{ANNA} Ann B")]);
        assert_eq!(facts_of(&store, ANNA).await, facts);
        assert_eq!(facts_of(&store, BEN).await, (None, None));
        let beside = read_people(dir.path(), list, "ann").unwrap();
        assert_eq!(beside.people.len(), 1);
        assert!(store.unlist_person(list, ANNA).await.unwrap());
        assert!(!store.unlist_person(list, ANNA).await.unwrap());
        assert_eq!(facts_of(&store, ANNA).await, (None, None));
    }
}

#[tokio::test]
async fn who_opted_out_is_shown_with_the_day_and_a_known_name() {
    let Fixture { store, .. } = fixture();
    put(&store, List::OptedOut, ANNA, "ignored").await;
    let ben = number(BEN);
    let later = store.list_person(List::OptedOut, &ben, "", at("2026-03-03T12:00:00Z"));
    assert!(later.await.unwrap().unwrap());
    // Whoever asks twice asked the first time.
    let again = store.list_person(List::OptedOut, &ben, "", at("2026-03-04T12:00:00Z"));
    assert!(!again.await.unwrap().unwrap());
    put(&store, List::Contacts, ANNA, "Ann").await;
    let found = store.people(List::OptedOut, "", 0, 9).await.unwrap();
    let person = |number: &str, name: &str, since: &str| Person {
        number: number.to_owned(),
        name: name.to_owned(),
        since: Some(at(since)),
    };
    assert_eq!(
        found.people,
        [
            person(BEN, "", "2026-03-03T12:00:00Z"),
            person(ANNA, "Ann", NOON)
        ]
    );
    assert!(store.unlist_person(List::OptedOut, ANNA).await.unwrap());
    assert_eq!(
        sought(&store, List::OptedOut, "").await,
        [format!("{BEN} ")]
    );
}

#[tokio::test]
async fn somebody_is_found_by_a_part_of_the_name_or_the_number() {
    let Fixture { store, .. } = fixture();
    let list = List::Contacts;
    put(&store, list, ANNA, "Änn 100%").await;
    put(&store, list, BEN, "ben").await;
    put(&store, list, CLEO, "").await;
    let [anna, ben, cleo] = [
        format!("{ANNA} Änn 100%"),
        format!("{BEN} ben"),
        format!("{CLEO} "),
    ];
    for (typed, expected) in [
        ("", vec![&ben, &anna, &cleo]),
        ("änN", vec![&anna]),
        ("BEN", vec![&ben]),
        ("%", vec![&anna]),
        ("(202) 555-014", vec![&anna]),
        ("555", vec![&ben, &anna]),
        ("01512 345", vec![&cleo]),
        ("+49", vec![&cleo]),
        ("0", vec![&anna]),
        ("100 Ann", vec![]),
    ] {
        let found = sought(&store, list, typed).await;
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{typed:?}");
    }
    let page = store.people(list, "", 1, 1).await.unwrap();
    assert_eq!((page.matching, page.total), (3, 3));
    assert_eq!(page.people.len(), 1);
    assert_eq!(page.people[0].number, ANNA);
    let beyond = store.people(list, "ben", 1, 9).await.unwrap();
    assert_eq!(
        (beyond.people.len(), beyond.matching, beyond.total),
        (0, 1, 3)
    );
}

#[tokio::test]
async fn many_are_taken_whole_or_not_at_all() {
    let Fixture { store, dir } = fixture();
    put(&store, List::Contacts, ANNA, "Ann").await;
    let most = u64::try_from(ENTRIES_MAX).unwrap();
    let mut many: Vec<Entry> = (1..most)
        .map(|n| entry(4_915_100_000_000 + n, ""))
        .collect();
    many.push(entry(12_025_550_143, "Annie"));
    let imported = store.import_people(List::Contacts, many, at(NOON)).await;
    let expected = Imported {
        added: ENTRIES_MAX - 1,
        known: 1,
    };
    assert_eq!(imported.unwrap(), Ok(expected));
    let found = store.people(List::Contacts, "Annie", 0, 9).await.unwrap();
    assert_eq!((found.matching, found.total), (1, ENTRIES_MAX));
    // It is full: a name may change, nobody new comes.
    assert!(!put(&store, List::Contacts, ANNA, "Ann").await);
    let two = vec![entry(12_025_550_143, "Other"), entry(12_025_550_188, "Ben")];
    let refused = store.import_people(List::Contacts, two, at(NOON)).await;
    assert_eq!(refused.unwrap(), Err(ListFull(ENTRIES_MAX + 1)));
    assert_eq!(sought(&store, List::Contacts, "Other").await, [""; 0]);
    // The others have room, and who asked for no more texts always has.
    put(&store, List::NeverText, BEN, "").await;

    let file = Connection::open(file_in(dir.path())).unwrap();
    file.execute_batch(
        "CREATE TRIGGER full BEFORE INSERT ON never_text WHEN new.number = '+12025550199'
         BEGIN SELECT raise(ABORT, 'the card died'); END",
    )
    .unwrap();
    let two = vec![entry(12_025_550_143, ""), entry(12_025_550_199, "")];
    let failed = store.import_people(List::NeverText, two, at(NOON)).await;
    assert!(failed.unwrap_err().to_string().contains("the card died"));
    assert_eq!(
        sought(&store, List::NeverText, "").await,
        [format!("{BEN} ")]
    );
}

/// The disk is full, so the store is in memory, while `textback people` changes the file.
#[tokio::test]
async fn what_another_process_changed_meanwhile_stands() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open_for_daemon(dir.path()).unwrap();
    for list in List::ALL {
        put(&store, list, ANNA, "").await;
    }
    let mut ground = store.ground.lock().await;
    let full = "PRAGMA max_page_count = 1";
    ground.connection().query_row(full, [], |_| Ok(())).unwrap();
    drop(ground);
    let many = (0..100)
        .map(|n| entry(4_915_100_000_000 + n, "somebody"))
        .collect();
    let imported = store.import_people(List::NeverText, many, at(NOON)).await;
    assert_eq!(imported.unwrap().unwrap().added, 100);
    assert!(store.trouble().borrow().is_some(), "it is in memory");
    put(&store, List::Contacts, CLEO, "").await;
    let beside = Store::open(dir.path()).unwrap();
    for list in List::ALL {
        put(&beside, list, BEN, "").await;
        assert!(beside.unlist_person(list, ANNA).await.unwrap());
    }
    drop(beside);
    store.return_to_disk().await;
    assert!(store.trouble().borrow().is_none(), "it is back");
    assert_eq!(
        read_people(dir.path(), List::NeverText, "somebody")
            .unwrap()
            .matching,
        100
    );
    let left = |list| {
        let found = read_people(dir.path(), list, "").unwrap().people;
        let ours = [ANNA, BEN, CLEO];
        let left = ours
            .into_iter()
            .filter(|ours| found.iter().any(|person| person.number == *ours));
        left.collect::<Vec<_>>()
    };
    assert_eq!(left(List::NeverText), [BEN]);
    assert_eq!(left(List::Contacts), [BEN, CLEO]);
    assert_eq!(left(List::OptedOut), [ANNA, BEN], "he may have asked again");
}

#[tokio::test]
async fn contacts_that_cannot_be_read_silence_the_box_only_while_they_matter() {
    for (only_strangers, blind) in [("no", false), ("yes", true)] {
        let Fixture { store, dir } = fixture();
        let changed = store.change_setting(
            "texts.only_strangers",
            only_strangers,
            Timestamp::UNIX_EPOCH,
        );
        changed.await.unwrap().unwrap();
        put(&store, List::Contacts, ANNA, "").await;
        let mut ground = store.ground.lock().await;
        let page: u32 = ground
            .connection()
            .query_row(
                "SELECT rootpage FROM sqlite_schema WHERE name = 'contacts'",
                [],
                |row| row.get(0),
            )
            .unwrap();
        drop(ground);
        drop(store);
        let file = std::fs::File::options()
            .write(true)
            .open(file_in(dir.path()))
            .unwrap();
        let place = u64::from(page - 1) * u64::from(PAGE_SIZE);
        std::os::unix::fs::FileExt::write_all_at(&file, &[0xAA; 512], place).unwrap();
        let rescued = rescue::Rescued::from_file(&file_in(dir.path()), true).unwrap();
        assert_eq!(rescued.blind(), blind, "only strangers: {only_strangers}");
    }
}
