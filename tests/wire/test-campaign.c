/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/campaign.h"

#include "base/json.h"
#include "sample.h"

#define PIN "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="

static char *
manifest_text (const Keys *keys)
{
  PlazaPublicKey spare;
  PlazaSecret *spare_secret;
  g_autofree char *sign = plaza_public_key_to_string (&keys->device);
  g_autofree char *seal = plaza_public_key_to_string (&keys->central);
  g_autofree char *custody = plaza_public_key_to_string (&keys->custody);
  g_autofree char *spare_text = NULL;

  plaza_sign_keypair (&spare, &spare_secret);
  plaza_secret_unref (spare_secret);
  spare_text = plaza_public_key_to_string (&spare);
  return g_strdup_printf (
      "{\"format\":1,\"serial\":3,\"revoked\":[\"" SESSION "\"],\"id\":\"" DEVICE
      "\",\"title\":\"Consulta de temas\",\"practice\":true,"
      "\"server\":{\"url\":\"https://plaza.example:8443\",\"ca\":null,"
      "\"pins\":[\"" PIN "\"]},"
      "\"keys\":{\"central_sign\":[\"%s\",\"%s\"],\"central_seal\":\"%s\",\"custody\":\"%s\","
      "\"recovery\":\"%s\"},"
      "\"questionnaires\":[{\"form_id\":\"consulta_temas\",\"version\":\"2\","
      "\"file\":\"form.xml\",\"media\":[\"estados.csv\"]}],"
      "\"catalogues\":[{\"id\":\"states\",\"file\":\"estados.csv\",\"version\":\"2025\","
      "\"columns\":{\"code\":\"cve_ent\",\"name\":\"nom_ent\"}}],"
      "\"organisations\":[{\"id\":\"sfp\",\"name\":\"Función Pública\"}],"
      "\"idle_lock_minutes\":20,\"asking_ends\":\"2019-06-15\",\"notice_version\":\"1\","
      "\"outcomes\":{\"refused\":\"/data/c = 'no'\",\"under-age\":\"/data/e = 'e0_11'\"}}",
      sign, spare_text, seal, custody, custody);
}

static PlazaCampaignBuilder *
new_builder (const char *manifest)
{
  static const char states[] = "cve_ent,nom_ent\n01,Aguascalientes\n20,Oaxaca\n";
  PlazaCampaignBuilder *builder = plaza_campaign_builder_new ();
  g_autoptr (GBytes) json = g_bytes_new (manifest, strlen (manifest));
  g_autoptr (GBytes) form = g_bytes_new_static ("<h:html/>", 9);
  g_autoptr (GBytes) csv = g_bytes_new_static (states, sizeof states - 1);

  g_assert_true (plaza_campaign_builder_set_manifest (builder, json, NULL));
  g_assert_true (plaza_campaign_builder_add_file (builder, "form.xml", form, NULL));
  g_assert_true (plaza_campaign_builder_add_file (builder, "estados.csv", csv, NULL));
  return builder;
}

static GBytes *
build (const Keys *keys)
{
  g_autofree char *manifest = manifest_text (keys);
  g_autoptr (PlazaCampaignBuilder) builder = new_builder (manifest);
  g_autoptr (GError) error = NULL;
  GBytes *package = plaza_campaign_builder_sign (builder, keys->campaign_secret, &error);

  g_assert_no_error (error);
  return package;
}

static void
test_round_trip (void)
{
  g_auto (Keys) keys = { 0 };
  g_autoptr (GBytes) package = NULL;
  g_autoptr (PlazaCampaign) campaign = NULL;
  g_autoptr (PlazaCatalogue) states = NULL;
  g_autoptr (GBytes) form = NULL;
  g_autofree char *fingerprint = NULL;
  g_autoptr (GError) error = NULL;
  const PlazaCampaignOutcome *first;

  keys_init (&keys);
  package = build (&keys);
  fingerprint = plaza_public_key_fingerprint (&keys.campaign);
  campaign = plaza_campaign_parse (package, fingerprint, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (campaign->fingerprint, ==, fingerprint);
  g_assert_cmpstr (campaign->title, ==, "Consulta de temas");
  g_assert_true (campaign->practice);
  g_assert_cmpstr (campaign->server_url, ==, "https://plaza.example:8443");
  g_assert_null (campaign->server_ca);
  g_assert_cmpstr (campaign->server_pins[0], ==, PIN);
  g_assert_null (campaign->server_pins[1]);
  g_assert_cmpint (campaign->serial, ==, 3);
  g_assert_true (plaza_campaign_is_revoked (campaign, SESSION));
  g_assert_false (plaza_campaign_is_revoked (campaign, DEVICE));
  g_assert_false (plaza_campaign_is_revoked (campaign, NULL));
  g_assert_true (plaza_public_key_equal (&campaign->key_central_sign, &keys.device));
  g_assert_true (plaza_public_key_equal (&campaign->key_campaign, &keys.campaign));
  g_assert_cmpuint (campaign->idle_lock_minutes, ==, 20);
  g_assert_cmpuint (campaign->retention_days, ==, 7);
  g_assert_cmpstr (campaign->asking_ends, ==, "2019-06-15");
  g_assert_null (campaign->keying_ends);
  g_assert_null (campaign->dictionary);
  g_assert_null (plaza_campaign_dictionary (campaign));
  g_assert_cmpuint (campaign->outcomes->len, ==, 2);
  first = campaign->outcomes->pdata[0];
  g_assert_cmpstr (first->outcome, ==, "under-age");
  g_assert_cmpstr (first->xpath, ==, "/data/e = 'e0_11'");
  g_assert_nonnull (plaza_campaign_questionnaire (campaign, "consulta_temas", NULL));
  g_assert_nonnull (plaza_campaign_questionnaire (campaign, "consulta_temas", "2"));
  g_assert_null (plaza_campaign_questionnaire (campaign, "consulta_temas", "3"));
  g_assert_cmpstr (plaza_campaign_organisation (campaign, "sfp")->name, ==, "Función Pública");

  form = plaza_campaign_file (campaign, "form.xml", NULL);
  g_assert_cmpmem (g_bytes_get_data (form, NULL), g_bytes_get_size (form), "<h:html/>", 9);
  g_assert_null (plaza_campaign_file (campaign, "other.xml", &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_NOT_FOUND);
  g_clear_error (&error);
  states = plaza_campaign_catalogue (campaign, "states", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (plaza_catalogue_lookup (states, "20")->name, ==, "Oaxaca");
  g_assert_null (plaza_campaign_catalogue (campaign, "none", NULL));
}

static void
test_damage (void)
{
  g_auto (Keys) keys = { 0 };
  g_auto (Keys) others = { 0 };
  g_autoptr (GBytes) package = NULL;
  g_autofree char *fingerprint = NULL;
  g_autofree char *other = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;

  keys_init (&keys);
  keys_init (&others);
  package = build (&keys);
  length = g_bytes_get_size (package);
  fingerprint = plaza_public_key_fingerprint (&keys.campaign);
  other = plaza_public_key_fingerprint (&others.campaign);
  g_assert_null (plaza_campaign_parse (package, other, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_SIGNATURE);
  for (gsize bit = 0; bit < 8 * length; bit++)
    {
      g_autoptr (GBytes) flipped = flip_bit (package, bit);

      g_assert_null (plaza_campaign_parse (flipped, fingerprint, NULL));
      g_assert_null (plaza_campaign_parse (flipped, NULL, NULL));
    }
  for (gsize cut = 0; cut < length; cut++)
    {
      g_autoptr (GBytes) part = g_bytes_new_from_bytes (package, 0, cut);

      g_assert_null (plaza_campaign_parse (part, NULL, NULL));
    }
}

/* Nothing but a whole and consistent manifest gets signed. */
static void
test_manifests (void)
{
  static const char *const changes[][2] = {
    { "\"format\":1", "\"format\":2" },
    { "\"id\":\"" DEVICE "\"", "\"id\":\"x\"" },
    { "\"title\":\"Consulta de temas\"", "\"title\":\" \"" },
    { "\"practice\":true", "\"practice\":1" },
    { "https://plaza.example:8443", "http://plaza.example:8443" },
    { "https://plaza.example:8443", "https://a:b@plaza.example" },
    { "https://plaza.example:8443", "https://plaza.example/x" },
    { "\"central_seal\":\"", "\"central_seal\":\"A" },
    { "\"file\":\"form.xml\"", "\"file\":\"../form.xml\"" },
    { "\"media\":[\"estados.csv\"]", "\"media\":[\"other.csv\"]" },
    { "\"questionnaires\":[{", "\"questionnaires\":[],\"x\":[{" },
    { "\"idle_lock_minutes\":20", "\"idle_lock_minutes\":0" },
    { "\"asking_ends\":\"2019-06-15\"", "\"asking_ends\":\"15/06/2019\"" },
    { "\"notice_version\":\"1\"", "\"notice\":\"1\"" },
    { "\"refused\":", "\"completed\":" },
    { "\"serial\":3", "\"serial\":-1" },
    { "\"serial\":3", "\"serial\":\"3\"" },
    { "\"revoked\":[\"" SESSION "\"]", "\"revoked\":[\"x\"]" },
    { PIN, "sha256//" PIN },
    { PIN, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=" },
  };
  g_auto (Keys) keys = { 0 };
  g_autofree char *manifest = NULL;

  keys_init (&keys);
  manifest = manifest_text (&keys);
  for (gsize i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_autoptr (GString) text = g_string_new (manifest);
      g_autoptr (PlazaCampaignBuilder) builder = NULL;
      g_autoptr (GBytes) package = NULL;

      g_assert_cmpuint (g_string_replace (text, changes[i][0], changes[i][1], 1), ==, 1);
      builder = new_builder (text->str);
      package = plaza_campaign_builder_sign (builder, keys.campaign_secret, NULL);
      if (package != NULL)
        g_error ("signed with %s", changes[i][1]);
    }
}

static void
test_file_names (void)
{
  static const char *const names[] = { "",     ".",    "..",    ".hidden", "a/b",
                                       "../x", "a\\b", "ñ.csv", "a b",     "form.xml" };
  g_autoptr (PlazaCampaignBuilder) builder = plaza_campaign_builder_new ();
  g_autoptr (GBytes) bytes = g_bytes_new_static ("x", 1);

  g_assert_true (plaza_campaign_builder_add_file (builder, "form.xml", bytes, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    g_assert_false (plaza_campaign_builder_add_file (builder, names[i], bytes, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/campaign/round-trip", test_round_trip);
  g_test_add_func ("/wire/campaign/damage", test_damage);
  g_test_add_func ("/wire/campaign/manifests", test_manifests);
  g_test_add_func ("/wire/campaign/file-names", test_file_names);
  return g_test_run ();
}
