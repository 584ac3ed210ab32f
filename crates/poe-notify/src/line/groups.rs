//! What goes out together, and what never does.

use super::*;

#[test]
fn a_flood_is_summarised_for_people_and_the_first_page_is_not_held_back() {
    let mut story = Story::new(command());
    story.alarms([1]);
    assert_eq!(story.depart(), [(0, vec![1])]);
    story.alarms(2..=11);
    story.accept(50, Class::Trouble);
    story.land(0, Ok(()));
    assert_eq!(story.depart(), [(1, vec![2])], "ten are not a flood");
    story.alarms(12..=14);
    story.land(1, Ok(()));
    assert_eq!(story.depart(), [(2, (3..=14).collect())], "all of the class, and no other");
    story.land(2, Ok(()));
    assert_eq!(story.depart(), [(3, vec![50])]);
    story.alarms(100..350);
    story.land(3, Ok(()));
    assert_eq!(story.depart(), [(4, (100..200).collect())], "a hundred at most");
}

#[test]
fn a_test_is_never_part_of_a_digest() {
    let mut story = Story::new(command());
    let mut test = page(1, Class::Alarm);
    test.promise.reason = Reason::Test;
    story.line.accept(test, story.now, &mut story.reports);
    story.alarms(2..=20);
    assert_eq!(story.depart(), [(0, vec![1])]);
    story.land(0, Ok(()));
    assert_eq!(story.depart(), [(1, (2..=20).collect())]);
}

#[test]
fn programs_get_each_page_by_itself_until_there_are_too_many() {
    let mut story = Story::new(json());
    story.alarms(0..100);
    let departed = story.depart();
    assert_eq!(departed.len(), WEBHOOKS_AT_ONCE);
    assert!(departed.iter().all(|(_, pages)| pages.len() == 1));
    let mut story = Story::new(json());
    story.alarms(0..151);
    let sizes: Vec<usize> = story.depart().iter().map(|(_, pages)| pages.len()).collect();
    assert_eq!(sizes, [50, 50, 1, 1, 1, 1, 1, 1]);
    let mut story = Story::new(webhook(WebhookFormat::Cap));
    story.alarms(0..151);
    assert!(story.depart().iter().all(|(_, pages)| pages.len() == 1), "an alert of CAP is one alert");
}

#[test]
fn a_group_is_tried_again_as_it_was_and_what_has_come_since_forms_another() {
    let mut story = Story::new(command());
    story.alarms(2..=13);
    let group: Vec<u64> = (2..=13).collect();
    for failure in [unreachable(), troubled(), partly("a@x", false)] {
        let (number, pages) = story.next();
        assert_eq!(pages, group);
        story.land(number, failure);
    }
    story.go_on(Duration::from_secs(60));
    story.alarms(100..=111);
    story.alarms([1]);
    let (number, pages) = story.next();
    assert_eq!(pages, [1].into_iter().chain(100..=111).collect::<Vec<_>>());
    story.land(number, Ok(()));
    assert_eq!(story.next().1, group);
}

#[test]
fn a_page_that_went_out_by_itself_never_joins_a_group() {
    let mut story = Story::new(command());
    story.alarms([1]);
    story.depart().into_iter().for_each(|(number, _)| story.land(number, troubled()));
    story.alarms(2..=20);
    let mut went = Vec::new();
    while story.line.due().is_some() {
        story.wait();
        for (number, pages) in story.depart() {
            went.push(pages);
            story.land(number, Ok(()));
        }
    }
    assert_eq!(went, [vec![1], (2..=20).collect()]);
}

#[test]
fn a_refused_group_is_taken_apart() {
    let mut story = Story::new(command());
    story.alarms(1..=11);
    let (number, _) = story.depart()[0];
    story.land(number, unwanted());
    story.go_on(Duration::from_secs(2));
    assert_eq!(story.depart(), [(1, vec![1])]);
}
