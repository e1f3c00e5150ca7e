// What Seam's errors and warnings mean for a guest, and what to do about them. Seam's own words are
// shown beside; codes that are not listed have those alone.
"use strict";

const errorWords = {
  failed_to_set_on_device: "Seam could not register the PIN with the lock and goes on trying. If the guest arrives soon, have a new code made.",
  failed_to_issue: "Seam could not register the PIN with dormakaba and goes on trying. If the guest arrives soon, have a new code made.",
  failed_to_update: "Seam could not change the code and goes on trying: the old times may still hold.",
  failed_to_expire: "Seam could not end the code: the PIN may still open the door.",
  failed_to_remove_from_device: "Seam could not remove the PIN: it may still open the door until its end.",
  code_constraints_violated: "The lock does not take a code like this, and Seam does not try again. Have another one made.",
  access_code_inactive: "Seam has switched this code off. Have another one made.",
  duplicate_code_on_device: "Another code of this lock has the same PIN. Have a new code made.",
  no_space_for_access_code_on_device: "The lock has no room for another code. Old codes have to end first.",
  conflicting_external_modification: "This code was changed outside Seam. Compare it in dormakaba’s own system.",
  insufficient_permissions: "Seam lacks a right in the dormakaba account. Connect the account to Seam again, with all rights.",
  provider_issue: "dormakaba’s service has a problem. Seam goes on trying; nothing is to be done here.",
  account_disconnected: "Seam has lost the dormakaba account. Connect it again in Seam’s console: no code can be made or registered until then.",
  dormakaba_sites_disconnected: "Seam has lost all sites of the dormakaba account. Connect it again in Seam’s console: no code can be registered until then.",
  bridge_disconnected: "The bridge to the lock is not connected. See to its power and its network.",
  hub_disconnected: "The hub of the lock is not connected. See to its power and its network.",
  device_offline: "The lock is offline. An offline PIN works all the same.",
  device_disconnected: "The lock is not connected to Seam. An offline PIN that is set works all the same.",
  device_removed: "The lock was removed from the dormakaba account. Add it there again.",
  missing_device_credentials: "Seam lacks the credentials of this lock. Enter them in Seam’s console.",
  subscription_required: "dormakaba asks for a subscription before it takes codes.",
  delay_in_setting_on_device: "Registering the PIN takes longer than it should. Seam goes on trying.",
  delay_in_issuing: "Registering the PIN takes longer than it should. Seam goes on trying.",
  delay_in_removing_from_device: "Removing the PIN takes longer than it should. Seam goes on trying.",
  being_deleted: "This code is being deleted.",
  external_modification_in_effect: "This code was changed outside Seam, and that change holds.",
  code_rotates_periodically: "The PIN of this code changes from time to time.",
  management_transferred: "Another system manages this code now.",
  third_party_integration_detected: "Another system manages this lock too, and may change its codes.",
  time_frame_adjusted_for_unknown_time_zone: "The lock’s time zone is not known, so that the times of this code may be off.",
  unknown_issue_with_access_code: "Something is wrong with this code that Seam cannot name. Try the PIN at the door.",
  using_backup_access_code: "Seam uses a spare code in place of this one.",
};

const codeOf = (note) => note.error_code ?? note.warning_code ?? null;

// One sentence for an error or a warning.
const meaning = (note) => errorWords[codeOf(note)] ?? note.message ?? codeOf(note) ?? "Seam reports something without a name.";

// Why a code is not ready, by the words of `not_ready`; what only waits for its start is in order.
const obstacleWords = {
  ended: "it has ended",
  not_set: "the PIN is not registered with the lock",
  no_window: "its times are not known",
  error: "Seam reports an error",
  changing: "Seam is about to change it",
  no_pin: "it waits for a PIN",
  missing: "Seam does not find it",
  unmanaged: "Seam does not manage it any more",
  altered: "it was changed outside Seam",
};

// "The PIN is not registered with the lock; Seam reports an error"; empty where nothing is wrong.
function whatIsWrong(code) {
  const text = (code.not_ready ?? []).filter((word) => word !== "not_started")
    .map((word) => obstacleWords[word] ?? word.replaceAll("_", " ")).join("; ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

// What a person at the desk does about it; null where there is nothing to do.
const remedies = {
  missing: "Look for the code in Seam’s console. If it is gone, have a new one made before the guest arrives.",
  unmanaged: "Have Seam manage the code again, or have a new one made.",
  altered: "Compare the code with dormakaba’s own system, and try the PIN at the door.",
  no_window: "Ask Seam now: that brings the times.",
  changing: "Wait for Seam, and ask it now if that takes long.",
  no_pin: "Ask Seam now. If there is still no PIN shortly before the arrival, have a new code made.",
  not_set: "Ask Seam now. If it is still not registered, have a new code made, and keep a spare key at hand.",
};

function nextSteps(code, now = Date.now()) {
  if (code.ended) return ["Nothing: the code has ended."];
  const words = code.not_ready ?? [];
  if (words.every((word) => word === "not_started")) return ["Nothing: the code is in order."];
  const steps = code.errors.map(meaning);
  // Seam begins to register a code an hour before its start; before that it only waits.
  const waits = code.starts_at && new Date(code.starts_at) - now > 3_600_000;
  for (const [word, step] of Object.entries(remedies)) {
    if (words.includes(word) && !(waits && ["not_set", "no_pin", "changing"].includes(word))) steps.push(step);
  }
  if (steps.length === 0) steps.push("Nothing yet: Seam registers the PIN about an hour before the start.");
  return [...new Set(steps)];
}
