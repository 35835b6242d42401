/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk.h"

#include <glib/gstdio.h>
#include <string.h>

#include "base/uuid.h"
#include "seal/sealbox.h"

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_tree (child);
    }
  g_remove (path);
}

static void
add_file (PlazaCampaignBuilder *builder, const char *folder, const char *name)
{
  g_autofree char *path =
      g_build_filename (g_getenv ("PLAZA_TEST_SRCDIR"), "..", "data", folder, name, NULL);
  g_autofree char *content = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  gsize size;

  g_file_get_contents (path, &content, &size, &error);
  g_assert_no_error (error);
  bytes = g_bytes_new_take (g_steal_pointer (&content), size);
  plaza_campaign_builder_add_file (builder, name, bytes, &error);
  g_assert_no_error (error);
}

/* The canonical questionnaire, or @xml with the id "small" and version "1". */
static PlazaCampaign *
make_campaign (const char *xml)
{
  static const char form[] = "questionnaires/consulta_temas";
  const char *questionnaire =
      xml != NULL ? "{\"form_id\":\"small\",\"version\":\"1\",\"file\":\"small.xml\",\"media\":[]}"
                  : "{\"form_id\":\"consulta_temas\",\"version\":\"2019052402\","
                    "\"file\":\"consulta-temas.xml\",\"media\":[\"campaign.csv\",\"estados.csv\","
                    "\"municipios.csv\",\"lenguas_indigenas.csv\"]}";
  const char *outcomes =
      xml != NULL ? ""
                  : "\"under-age\":\"/data/consentimiento_g/edad = 'e0_11'\","
                    "\"minor-without-guardian\":\"/data/consentimiento_g/consentimiento_tutor = "
                    "'no'\",\"refused\":\"/data/consentimiento_g/consentimiento = 'no'\"";
  g_autoptr (PlazaCampaignBuilder) builder = plaza_campaign_builder_new ();
  g_autofree char *id = plaza_uuid_random ();
  g_autofree char *manifest = NULL;
  g_autoptr (GBytes) json = NULL;
  g_autoptr (GBytes) package = NULL;
  g_autoptr (PlazaSecret) secret = NULL;
  g_autoptr (GError) error = NULL;
  PlazaPublicKey key;
  PlazaCampaign *campaign;
  char *keys[5];

  for (guint i = 0; i < 5; i++)
    {
      g_autoptr (PlazaSecret) unused = NULL;

      if (i < 2)
        plaza_sign_keypair (&key, &unused);
      else
        plaza_sealbox_keypair (&key, &unused);
      keys[i] = plaza_public_key_to_string (&key);
    }
  manifest = g_strdup_printf (
      "{\"format\":1,\"id\":\"%s\",\"title\":\"Consulta de prueba\",\"practice\":true,"
      "\"server\":{\"url\":\"https://central.invalid\"},"
      "\"keys\":{\"central_sign\":[\"%s\",\"%s\"],\"central_seal\":\"%s\",\"custody\":\"%s\","
      "\"recovery\":\"%s\"},"
      "\"questionnaires\":[%s],"
      "\"catalogues\":[],\"organisations\":[{\"id\":\"org-1\",\"name\":\"Una\"}],"
      "\"idle_lock_minutes\":15,\"asking_ends\":\"2099-06-30\",\"keying_ends\":\"2099-07-15\","
      "\"retention_days\":7,\"notice_version\":\"1\",\"dictionary\":null,"
      "\"outcomes\":{%s}}",
      id, keys[0], keys[1], keys[2], keys[3], keys[4], questionnaire, outcomes);
  for (guint i = 0; i < 5; i++)
    g_free (keys[i]);
  json = g_bytes_new (manifest, strlen (manifest));
  plaza_campaign_builder_set_manifest (builder, json, &error);
  g_assert_no_error (error);
  if (xml != NULL)
    {
      g_autoptr (GBytes) bytes = g_bytes_new (xml, strlen (xml));

      plaza_campaign_builder_add_file (builder, "small.xml", bytes, &error);
      g_assert_no_error (error);
    }
  else
    {
      add_file (builder, form, "consulta-temas.xml");
      add_file (builder, form, "campaign.csv");
      add_file (builder, "catalogues", "estados.csv");
      add_file (builder, "catalogues", "municipios.csv");
      add_file (builder, "catalogues", "lenguas_indigenas.csv");
    }
  plaza_sign_keypair (&key, &secret);
  package = plaza_campaign_builder_sign (builder, secret, &error);
  g_assert_no_error (error);
  campaign = plaza_campaign_parse (package, NULL, &error);
  g_assert_no_error (error);
  return campaign;
}

static PlazaProfile *
make_profile (Desk *self)
{
  g_autofree char *device = plaza_uuid_v7 ();
  g_autoptr (GError) error = NULL;
  const PlazaEnrolment enrolment = {
    .device = device,
    .token = (char *) "ccd_secreto",
    .batch = (char *) "K7",
    .organisation = (char *) "org-1",
    .person = (char *) "persona-1",
    .role = (char *) "facilitator",
  };
  PlazaProfile *profile =
      plaza_profile_create (self->root, self->campaign, "Ana", DESK_PASSPHRASE, &error);

  g_assert_no_error (error);
  plaza_profile_set_enrolment (profile, &enrolment, &error);
  g_assert_no_error (error);
  return profile;
}

Desk *
desk_new (void)
{
  return desk_new_for (NULL);
}

Desk *
desk_new_for (const char *xml)
{
  const PlazaSessionFields fields = {
    .organisation = "org-1",
    .team = "Brigada Norte",
    .state = "20",
    .municipality = "20067",
    .place = "Mercado de Abastos",
    .attendance = -1,
  };
  Desk *self = g_new0 (Desk, 1);
  g_autoptr (GError) error = NULL;

  self->root = g_dir_make_tmp ("plaza-app-XXXXXX", &error);
  g_assert_no_error (error);
  self->campaign = make_campaign (xml);
  self->profile = make_profile (self);
  self->session = plaza_session_create (plaza_profile_get_store (self->profile), &fields, &error);
  g_assert_no_error (error);
  plaza_application_prepare ();
  self->application = plaza_application_new (self->root);
  g_application_set_flags (G_APPLICATION (self->application), G_APPLICATION_NON_UNIQUE);
  g_application_register (G_APPLICATION (self->application), NULL, &error);
  g_assert_no_error (error);
  self->window = plaza_window_new (self->application);
  plaza_window_set_profile (self->window, self->profile);
  gtk_window_present (GTK_WINDOW (self->window));
  desk_settle ();
  return self;
}

void
desk_free (Desk *self)
{
  desk_settle ();
  gtk_window_destroy (GTK_WINDOW (self->window));
  desk_settle ();
  g_object_unref (self->application);
  g_object_unref (self->session);
  if (plaza_profile_is_unlocked (self->profile))
    plaza_profile_lock (self->profile, NULL);
  g_object_unref (self->profile);
  plaza_campaign_unref (self->campaign);
  remove_tree (self->root);
  g_free (self->root);
  g_free (self);
}

PlazaInterviewScreen *
desk_show (Desk *self, PlazaCapture *capture)
{
  plaza_window_show_interview (self->window, capture);
  desk_settle ();
  return PLAZA_INTERVIEW_SCREEN (plaza_window_get_screen (self->window));
}

PlazaInterviewScreen *
desk_interview (Desk *self, const char *mode)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaCapture) capture = plaza_capture_start (plaza_profile_get_store (self->profile),
                                                          self->session, NULL, mode, NULL, &error);

  g_assert_no_error (error);
  return desk_show (self, capture);
}

void
desk_settle (void)
{
  while (g_main_context_pending (NULL))
    g_main_context_iteration (NULL, FALSE);
}
