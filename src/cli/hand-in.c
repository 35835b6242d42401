/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-cli"

#include "config.h"

#include "cli/command.h"

#include <glib/gi18n.h>

#include "base/error.h"
#include "base/file.h"
#include "cli/bulk.h"
#include "cli/unreadable.h"
#include "sync/proof.h"

typedef struct
{
  char *drafts; /* partial or discard */
  char *reason;
  char *save_to;
  char *proof;
  char *check;
  gboolean refused;
  gboolean unreadable;
  int seconds;
} Options;

static void
options_clear (Options *self)
{
  g_free (self->drafts);
  g_free (self->reason);
  g_free (self->save_to);
  g_free (self->proof);
  g_free (self->check);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static void
add_count (JsonBuilder *builder, const char *name, guint value)
{
  json_builder_add_int_value (plaza_cli_member (builder, name), value);
}

static void
emit (const PlazaHandInState *state, const PlazaProof *proof)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_add_boolean_value (plaza_cli_member (builder, "handed_in"), proof != NULL);
  json_builder_begin_array (plaza_cli_member (builder, "drafts"));
  for (guint i = 0; i < state->drafts->len; i++)
    {
      const PlazaHandInDraft *draft = g_ptr_array_index (state->drafts, i);

      json_builder_begin_object (builder);
      json_builder_add_string_value (plaza_cli_member (builder, "response"), draft->response);
      json_builder_add_string_value (plaza_cli_member (builder, "folio"), draft->folio);
      json_builder_add_boolean_value (plaza_cli_member (builder, "correction"), draft->correction);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  add_count (builder, "unsealed", state->unsealed);
  add_count (builder, "contacts", state->contacts);
  add_count (builder, "waiting", state->waiting);
  add_count (builder, "refused", state->refused + state->refused_contacts);
  add_count (builder, "quarantined", state->quarantined);
  add_count (builder, "carried", state->carried);
  plaza_cli_member (builder, "unreadable");
  plaza_cli_unreadable_add (builder, &state->unreadable);
  add_count (builder, "unreadable_undecided", state->unreadable_open);
  json_builder_begin_array (plaza_cli_member (builder, "others"));
  for (guint i = 0; i < state->others->len; i++)
    {
      const PlazaHandInProfile *other = g_ptr_array_index (state->others, i);

      json_builder_begin_object (builder);
      json_builder_add_string_value (plaza_cli_member (builder, "name"), other->name);
      add_count (builder, "drafts", other->drafts);
      add_count (builder, "unsealed", other->unsealed);
      add_count (builder, "envelopes", other->envelopes);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  if (proof != NULL)
    {
      json_builder_add_string_value (plaza_cli_member (builder, "proof"), proof->text);
      json_builder_add_string_value (plaza_cli_member (builder, "proof_pdf"), proof->pdf);
    }
  json_builder_end_object (builder);
  plaza_cli_emit (json_builder_get_root (builder));
}

static void
print_others (const PlazaHandInState *state)
{
  for (guint i = 0; i < state->others->len; i++)
    {
      const PlazaHandInProfile *other = g_ptr_array_index (state->others, i);

      if (other->drafts + other->unsealed > 0)
        /* Translators: name of a person, then two numbers */
        g_print (_ ("%s still has unfinished interviews (%u) or work to seal (%u): only that "
                    "person can hand them in.\n"),
                 other->name, other->drafts, other->unsealed);
    }
}

static void
print_left (const PlazaHandInState *state)
{
  for (guint i = 0; i < state->drafts->len; i++)
    {
      const PlazaHandInDraft *draft = g_ptr_array_index (state->drafts, i);

      g_print ("%s %s\n", draft->folio,
               draft->correction ? _ ("unfinished correction") : _ ("unfinished interview"));
    }
  if (state->drafts->len > 0)
    g_print (
        "%s\n",
        _ ("Finish them in Plaza, or say --drafts=partial or --drafts=discard with --reason."));
  if (state->refused + state->refused_contacts > 0)
    g_print (_ ("Refused by the central and kept: %u. Ask your coordination, or say "
                "--discard-refused with --reason.\n"),
             state->refused + state->refused_contacts);
  if (state->unreadable_open > 0)
    {
      plaza_cli_unreadable_print (&state->unreadable);
      g_print ("%s\n", _ ("Ask your coordination first: a rescue from a copy may still read it. To "
                          "hand in all the same, say --give-up-unreadable with --reason."));
    }
  if (state->unsealed + state->contacts > 0)
    g_print (_ ("Not sealed yet: %u\n"), state->unsealed + state->contacts);
  if (state->waiting > 0)
    g_print (_ ("Envelopes without a receipt: %u. Nothing is erased before they have one.\n"),
             state->waiting);
  if (state->others->len == 0 && state->carried > 0)
    g_print (_ ("Envelopes carried for others without a receipt: %u\n"), state->carried);
  print_others (state);
}

static gboolean
decide (PlazaStore *store, const PlazaHandInState *state, const Options *options, GError **error)
{
  for (guint i = 0; options->drafts != NULL && i < state->drafts->len; i++)
    {
      const PlazaHandInDraft *draft = g_ptr_array_index (state->drafts, i);

      if (g_str_equal (options->drafts, "discard")
              ? !plaza_hand_in_discard (store, draft->response, options->reason, error)
              : !draft->correction && !plaza_hand_in_end_partial (store, draft->response, error))
        return FALSE;
    }
  if (options->unreadable && state->unreadable_open > 0 &&
      !plaza_hand_in_accept_unreadable (store, options->reason, error))
    return FALSE;
  return !options->refused || state->refused + state->refused_contacts == 0 ||
         plaza_hand_in_discard_refused (store, options->reason, error);
}

/* What waits goes by the network, or to a stick to wait for its receipts. */
static int
send (PlazaCli *cli, PlazaProfile *profile, const Options *options)
{
  g_autofree char *root = plaza_data_root ();
  g_autoptr (PlazaStick) stick = NULL;
  g_autoptr (GError) error = NULL;

  if (options->save_to == NULL)
    return plaza_cli_deliver (profile, TRUE, (guint) options->seconds, &error)
               ? PLAZA_EXIT_OK
               : plaza_cli_fail (cli, error);
  stick = plaza_stick_new (root, profile);
  plaza_stick_set_hand_in (stick, TRUE);
  return plaza_cli_stick_save (stick, options->save_to, &error)
             ? PLAZA_EXIT_OK
             : plaza_cli_stick_trouble (cli, stick, error);
}

static int
erase (PlazaCli *cli, PlazaProfile *profile, const PlazaHandInState *state, const Options *options)
{
  g_auto (PlazaProof) proof = { 0 };
  g_autoptr (GError) error = NULL;

  if (!plaza_proof_make (profile, &proof, &error) ||
      (options->proof != NULL && !plaza_proof_copy (&proof, options->proof, &error)) ||
      !plaza_hand_in_erase (profile, &error))
    return plaza_cli_fail (cli, error);
  if (cli->json)
    emit (state, &proof);
  else
    {
      g_print ("%s\n", _ ("Everything has a receipt; keys and answers of this profile are gone."));
      g_print (_ ("The proof: %s\n"), proof.text);
      plaza_cli_unreadable_print (&state->unreadable);
      print_others (state);
    }
  return plaza_unreadable_total (&state->unreadable) > 0 ? PLAZA_EXIT_PARTLY : PLAZA_EXIT_OK;
}

static int
run (PlazaCli *cli, PlazaProfile *profile, const Options *options)
{
  PlazaStore *store = plaza_profile_get_store (profile);
  g_auto (PlazaHandInState) state = { 0 };
  g_autoptr (GError) error = NULL;
  int status;

  if (!plaza_hand_in_look (store, &state, &error) || !decide (store, &state, options, &error))
    return plaza_cli_fail (cli, error);
  plaza_hand_in_state_clear (&state);
  if (!plaza_hand_in_look (store, &state, &error))
    return plaza_cli_fail (cli, error);
  if (!plaza_hand_in_state_is_complete (&state) && state.drafts->len == 0)
    {
      status = send (cli, profile, options);
      plaza_hand_in_state_clear (&state);
      if (status != PLAZA_EXIT_OK)
        return status;
      if (!plaza_hand_in_look (store, &state, &error))
        return plaza_cli_fail (cli, error);
    }
  if (plaza_hand_in_state_is_complete (&state))
    return erase (cli, profile, &state, options);
  if (cli->json)
    emit (&state, NULL);
  else
    print_left (&state);
  return plaza_hand_in_state_needs_decision (&state) ? PLAZA_EXIT_REFUSED : PLAZA_EXIT_OFFLINE;
}

static int
check (PlazaCli *cli, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) text = plaza_file_read (path, PLAZA_PROOF_MAX_BYTES, &error);
  g_autofree char *key = NULL;
  PlazaPublicKey device;

  if (text == NULL || !plaza_proof_verify (text, &device, &error))
    return plaza_cli_fail (cli, error);
  key = plaza_public_key_to_string (&device);
  g_print (_ ("Signed by the device with the key %s, and not changed since.\n"), key);
  return PLAZA_EXIT_OK;
}

int
plaza_command_hand_in (int argc, char **argv)
{
  g_auto (PlazaCli) cli = PLAZA_CLI_INIT ("hand-in");
  g_auto (Options) options = { 0 };
  g_autoptr (PlazaProfile) profile = NULL;
  g_autoptr (GError) error = NULL;
  const GOptionEntry entries[] = {
    { "drafts", 0, 0, G_OPTION_ARG_STRING, &options.drafts,
      N_ ("What becomes of unfinished interviews: partial or discard"), N_ ("DECISION") },
    { "discard-refused", 0, 0, G_OPTION_ARG_NONE, &options.refused,
      N_ ("Give up what the central does not take"), NULL },
    { "give-up-unreadable", 0, 0, G_OPTION_ARG_NONE, &options.unreadable,
      N_ ("Hand in although something cannot be read; the proof says what"), NULL },
    { "reason", 0, 0, G_OPTION_ARG_STRING, &options.reason,
      N_ ("Why something is discarded; the central and the proof say it"), N_ ("TEXT") },
    { "wait", 0, 0, G_OPTION_ARG_INT, &options.seconds, N_ ("Keep trying for so many seconds"),
      N_ ("SECONDS") },
    { "save-to", 0, 0, G_OPTION_ARG_FILENAME, &options.save_to,
      N_ ("Save what waits to this folder instead; nothing is erased before its receipts are back"),
      N_ ("FOLDER") },
    { "proof", 0, 0, G_OPTION_ARG_FILENAME, &options.proof,
      N_ ("Save the proof in this folder too"), N_ ("FOLDER") },
    { "check", 0, 0, G_OPTION_ARG_FILENAME, &options.check,
      N_ ("Check the signature of a proof, and nothing else"), N_ ("FILE") },
    G_OPTION_ENTRY_NULL,
  };

  if (!plaza_cli_parse (&cli, NULL, entries, &argc, &argv))
    return PLAZA_EXIT_USAGE;
  if (argc != 1 || options.seconds < 0)
    return plaza_cli_usage (&cli, "%s", _ ("nothing more is expected"));
  if (options.check != NULL)
    return check (&cli, options.check);
  if (options.drafts != NULL && !g_str_equal (options.drafts, "partial") &&
      !g_str_equal (options.drafts, "discard"))
    return plaza_cli_usage (&cli, "%s", _ ("--drafts is partial or discard"));
  if ((options.refused || options.unreadable || g_strcmp0 (options.drafts, "discard") == 0) &&
      options.reason == NULL)
    return plaza_cli_usage (&cli, "%s", _ ("discarding and giving up need --reason"));
  profile = plaza_cli_open (&cli, &error);
  if (profile == NULL)
    return plaza_cli_fail (&cli, error);
  return plaza_cli_close (&cli, profile, run (&cli, profile, &options));
}
