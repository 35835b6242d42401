/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-sync"

#include "config.h"

#include "sync/proof.h"

#include <glib/gi18n.h>
#include <string.h>

#include "base/base32.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "store/profile.h"
#include "sync/proof-page.h"

#define RULE "----- " PLAZA_HAND_IN_MAGIC "\n"
#define KEY_LINE "device-key "
#define SIGNATURE_LINE "signature "

void
plaza_proof_clear (PlazaProof *self)
{
  g_clear_pointer (&self->text, g_free);
  g_clear_pointer (&self->pdf, g_free);
}

/* Words */

static char *
moment (gint64 ms)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (ms / 1000);

  return g_date_time_format (time, "%F %R %z");
}

static const char *
outcome_words (guint outcome)
{
  switch ((PlazaOutcome) outcome)
    {
    case PLAZA_OUTCOME_COMPLETED:
      return _ ("Completed responses");
    case PLAZA_OUTCOME_PARTIAL:
      return _ ("Partial responses");
    case PLAZA_OUTCOME_REFUSED:
      return _ ("Refusals");
    case PLAZA_OUTCOME_MINOR_WITHOUT_GUARDIAN:
      return _ ("Minors without a guardian");
    case PLAZA_OUTCOME_UNDER_AGE:
      return _ ("Under age");
    case PLAZA_OUTCOME_WITHDRAWN:
      return _ ("Withdrawn");
    }
  return "";
}

static const char *
discarded_words (const char *what)
{
  if (g_str_equal (what, "draft"))
    return _ ("unfinished interview");
  if (g_str_equal (what, "correction"))
    return _ ("unfinished correction");
  if (g_str_equal (what, "contact"))
    return _ ("contact that the central database did not take");
  return _ ("response that the central database did not take");
}

G_GNUC_PRINTF (3, 4)
static void
add_fact (GString *text, const char *name, const char *format, ...)
{
  va_list args;

  g_string_append_printf (text, "%s: ", name);
  va_start (args, format);
  g_string_append_vprintf (text, format, args);
  va_end (args);
  g_string_append_c (text, '\n');
}

static void
add_heading (GString *text, const char *heading)
{
  g_string_append_printf (text, "\n%s\n", heading);
}

static void
add_people (GString *text, const PlazaHandInFacts *facts)
{
  g_autofree char *fingerprint = plaza_base32_group (facts->fingerprint, 4);
  g_autofree char *now = moment (plaza_clock_now_ms ());

  add_fact (text, _ ("Date"), "%s", now);
  add_fact (text, _ ("Person"), "%s (%s)", facts->name, facts->person);
  add_fact (text, _ ("Organisation"), "%s", facts->organisation);
  add_fact (text, _ ("Device"), "%s", facts->device);
  add_fact (text, _ ("Campaign"), "%s", facts->campaign);
  add_fact (text, _ ("Fingerprint of the campaign"), "%s", fingerprint);
}

static void
add_counts (GString *text, const PlazaHandInFacts *facts)
{
  add_heading (text, _ ("Delivered to the central database"));
  for (guint i = 0; i < PLAZA_N_OUTCOMES; i++)
    add_fact (text, outcome_words (i), "%u", facts->outcomes[i]);
  add_fact (text, _ ("Contacts"), "%" G_GUINT64_FORMAT, facts->contacts);
  if (facts->quarantined > 0)
    /* Translators: of the responses, contacts and notes named just above */
    add_fact (text, _ ("Of these, set apart there until an administrator decides (quarantined)"),
              "%u", facts->quarantined);
}

static void
add_audit (GString *text, const PlazaHandInEnvelope *envelope)
{
  g_autofree char *sequence = g_strdup_printf ("%" G_GUINT64_FORMAT, envelope->audit_sequence);

  /* Translators: a number and a hash that identify a place in the central's audit log */
  g_string_append_printf (text, _ ("   audit log %s: %s\n"), sequence, envelope->audit_head);
}

static void
add_envelopes (GString *text, const PlazaHandInFacts *facts)
{
  add_heading (text, _ ("Envelopes and their receipts"));
  for (guint i = 0; i < facts->envelopes->len; i++)
    {
      const PlazaHandInEnvelope *envelope = g_ptr_array_index (facts->envelopes, i);
      g_autofree char *when =
          moment (envelope->has_receipt ? envelope->receipt_ms : envelope->delivered_ms);

      g_string_append_printf (text, "%u. %s\n", i + 1, envelope->id);
      /* Translators: number of facts in an envelope, and when its receipt was made */
      g_string_append_printf (text,
                              ngettext ("   %u entry, receipt of %s\n",
                                        "   %u entries, receipt of %s\n", envelope->entries),
                              envelope->entries, when);
      if (envelope->has_receipt)
        add_audit (text, envelope);
    }
  if (facts->envelopes->len == 0)
    g_string_append_printf (text, "%s\n", _ ("None: there was nothing to deliver."));
}

static void
add_discarded (GString *text, const PlazaHandInFacts *facts)
{
  add_heading (text, _ ("Discarded on this laptop"));
  for (guint i = 0; i < facts->discarded->len; i++)
    {
      const PlazaHandInDiscarded *item = g_ptr_array_index (facts->discarded, i);

      g_string_append_printf (text, "%s %s: %s\n", item->folio, discarded_words (item->what),
                              item->reason);
    }
  if (facts->discarded->len == 0)
    g_string_append_printf (text, "%s\n", _ ("Nothing."));
}

static void
add_number (GString *text, const char *name, guint number)
{
  if (number > 0)
    add_fact (text, name, "%u", number);
}

/* Nobody may find later that something went without a word. */
static void
add_unreadable (GString *text, const PlazaHandInFacts *facts)
{
  const PlazaUnreadable *lost = &facts->unreadable;

  if (plaza_unreadable_total (lost) == 0)
    return;
  add_heading (text, _ ("Could not be read any more, and went with the laptop"));
  add_number (text, _ ("Lists of contacts, each with an unknown number of them"), lost->pools);
  add_number (text, _ ("Finished entries"), lost->entries);
  add_number (text, _ ("Sealed envelopes"), lost->envelopes);
  add_number (text, _ ("Folios of responses"), lost->responses);
  add_number (text, _ ("Field sessions"), lost->sessions);
  add_number (text, _ ("Notes and settings"), lost->values);
  if (facts->unreadable_reason != NULL && *facts->unreadable_reason != '\0')
    add_fact (text, _ ("Why it was handed in all the same"), "%s", facts->unreadable_reason);
}

static void
add_left (GString *text, const PlazaHandInFacts *facts)
{
  add_heading (text, _ ("What stays"));
  g_string_append_printf (text, "%s\n",
                          _ ("Nothing of this profile stays on the laptop: keys and answers were "
                             "destroyed after this proof was signed."));
  if (facts->copy_left != NULL)
    g_string_append_printf (text,
                            _ ("The sealed copy in “%s” was not within reach: erase it there.\n"),
                            facts->copy_left);
  if (facts->other_profiles > 0)
    g_string_append_printf (text,
                            ngettext ("%u other profile stays on the laptop.\n",
                                      "%u other profiles stay on the laptop.\n",
                                      facts->other_profiles),
                            facts->other_profiles);
}

static GBytes *
write_text (const PlazaHandInFacts *facts)
{
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "%s\n\n", _ ("Plaza: proof that the laptop was handed in"));
  add_people (text, facts);
  add_counts (text, facts);
  add_envelopes (text, facts);
  add_discarded (text, facts);
  add_unreadable (text, facts);
  add_left (text, facts);
  return g_string_free_to_bytes (text);
}

/* Signing */

static GBytes *
add_signature (PlazaStore *store, const PlazaHandInFacts *facts, GBytes *text)
{
  guint8 signature[PLAZA_SIGNATURE_SIZE];
  g_autofree char *encoded = NULL;
  GString *whole =
      g_string_new_len (g_bytes_get_data (text, NULL), (gssize) g_bytes_get_size (text));

  plaza_hand_in_sign (store, text, signature);
  encoded = plaza_base64url_encode (signature, sizeof signature);
  g_string_append_printf (whole, RULE KEY_LINE "%s\n" SIGNATURE_LINE "%s\n", facts->device_key,
                          encoded);
  return g_string_free_to_bytes (whole);
}

gboolean
plaza_proof_verify (GBytes *text, PlazaPublicKey *out_key, GError **error)
{
  gsize size;
  const char *data = g_bytes_get_data (text, &size);
  const char *rule = g_strrstr_len (data, (gssize) size, RULE);
  g_autoptr (GByteArray) covered = g_byte_array_new ();
  g_autoptr (GBytes) signature = NULL;
  g_autofree char *tail = NULL;
  g_auto (GStrv) lines = NULL;

  if (rule == NULL || (rule != data && rule[-1] != '\n'))
    return plaza_throw (error, PLAZA_ERROR_INVALID, "this is no proof");
  tail = g_strndup (rule + strlen (RULE), size - (gsize) (rule - data) - strlen (RULE));
  lines = g_strsplit (tail, "\n", 4);
  if (g_strv_length (lines) != 3 || *lines[2] != '\0' || !g_str_has_prefix (lines[0], KEY_LINE) ||
      !g_str_has_prefix (lines[1], SIGNATURE_LINE))
    return plaza_throw (error, PLAZA_ERROR_INVALID, "the end of the proof is not as it should be");
  signature =
      plaza_base64url_decode (lines[1] + strlen (SIGNATURE_LINE), PLAZA_SIGNATURE_SIZE, error);
  if (signature == NULL || !plaza_public_key_parse (lines[0] + strlen (KEY_LINE), out_key, error))
    return FALSE;
  g_byte_array_append (covered, (const guint8 *) PLAZA_HAND_IN_MAGIC, strlen (PLAZA_HAND_IN_MAGIC));
  g_byte_array_append (covered, (const guint8 *) data, (guint) (rule - data));
  return plaza_sign_verify (out_key, covered->data, covered->len,
                            g_bytes_get_data (signature, NULL), error);
}

/* Saving */

static gboolean
save (const char *folder,
      const PlazaHandInFacts *facts,
      GBytes *signed_text,
      PlazaProof *out,
      GError **error)
{
  g_autofree char *today = plaza_clock_today ();
  g_autofree char *stem = g_strdup_printf ("plaza-%s-%.8s", today, facts->device);
  g_autofree char *text_name = g_strconcat (stem, ".txt", NULL);
  g_autofree char *pdf_name = g_strconcat (stem, ".pdf", NULL);
  g_autofree char *text_path = g_build_filename (folder, text_name, NULL);
  g_autofree char *pdf_path = g_build_filename (folder, pdf_name, NULL);
  g_autoptr (GBytes) pdf = plaza_proof_page_render (signed_text, error);

  if (pdf == NULL || !plaza_dir_make (folder, error) ||
      !plaza_file_write (text_path, signed_text, error) || !plaza_file_write (pdf_path, pdf, error))
    return FALSE;
  out->text = g_steal_pointer (&text_path);
  out->pdf = g_steal_pointer (&pdf_path);
  return TRUE;
}

gboolean
plaza_proof_make (PlazaProfile *profile, PlazaProof *out, GError **error)
{
  PlazaStore *store = plaza_profile_get_store (profile);
  g_autofree char *folder =
      g_build_filename (plaza_profile_get_data_root (profile), PLAZA_PROOF_FOLDER, NULL);
  g_auto (PlazaHandInState) state = { 0 };
  g_auto (PlazaHandInFacts) facts = { 0 };
  g_autoptr (GBytes) text = NULL;
  g_autoptr (GBytes) signed_text = NULL;

  *out = (PlazaProof){ 0 };
  if (store == NULL)
    return plaza_throw (error, PLAZA_ERROR_LOCKED, "the profile is locked");
  if (!plaza_hand_in_look (store, &state, error))
    return FALSE;
  if (!plaza_hand_in_state_is_complete (&state))
    return plaza_throw (error, PLAZA_ERROR_REFUSED, "not everything has a receipt");
  if (!plaza_hand_in_get_facts (store, &facts, error))
    return FALSE;
  text = write_text (&facts);
  signed_text = add_signature (store, &facts, text);
  return save (folder, &facts, signed_text, out, error);
}

static gboolean
copy_to (const char *path, const char *folder, GError **error)
{
  g_autoptr (GBytes) bytes = plaza_file_read (path, PLAZA_PROOF_MAX_BYTES, error);
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *target = g_build_filename (folder, name, NULL);

  return bytes != NULL && plaza_file_write (target, bytes, error);
}

gboolean
plaza_proof_copy (const PlazaProof *self, const char *folder, GError **error)
{
  return copy_to (self->text, folder, error) && copy_to (self->pdf, folder, error);
}
