using System.Net;
using System.Text.Json.Nodes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Sessions;

/// <summary>Refresh tokens and the sessions that depend on them.</summary>
public sealed class OidcRefreshTests : OidcCompatibilityTestBase
{
    [TestCase("interaction_required")]
    [TestCase("login_required")]
    [TestCase("access_denied")]
    [TestCase("consent_required")]
    [TestCase("invalid_grant")]
    public async Task Refresh_WhenProviderRejectsIt_EndsTheSession(string error)
    {
        using var session = await OpenAsync("refused");
        Provider.RefreshAnswer = (400, $$"""{"error":"{{error}}"}""");
        await RefreshAsync();
        await Eventually.UntilAsync(
            async () => (await session.GetAsync("/api/v1/session")).Status == HttpStatusCode.Unauthorized,
            "the session ends"
        );
    }

    [TestCase(503, "")]
    [TestCase(429, "")]
    [TestCase(403, "<html>")]
    [TestCase(401, """{"error":"invalid_client"}""")]
    [TestCase(400, """{"error":"invalid_scope"}""")]
    [TestCase(400, """{"error":"temporarily_unavailable"}""")]
    public async Task Refresh_WhenProviderFailsTemporarily_KeepsTheSession(int status, string body)
    {
        using var session = await OpenAsync("patient");
        Provider.RefreshAnswer = (status, body);
        await RefreshAsync();

        // The second refresh begins when the first is finished.
        await RefreshAsync();
        Assert.That((await session.GetAsync("/api/v1/session")).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Refresh_WhenIdTokenIsMissing_KeepsTheSessionAndItsRoles()
    {
        using var session = await OpenAsync("quiet", "staff");
        Provider.RefreshAnswer = (200, """{"access_token":"next","token_type":"Bearer"}""");
        await RefreshAsync();
        await RefreshAsync();
        Assert.That((await session.GetAsync("/api/v1/session")).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await RolesAsync("quiet"), Is.EqualTo("none developer"));
    }

    [Test]
    public async Task UnlinkIdentity_WhenUserHasOtherSessions_EndsOnlyItsOwn()
    {
        using var session = await OpenAsync("unlinked");
        var user = (string)(await session.GetAsync("/api/v1/session")).Body!["user"]!["id"]!;
        await Admin.PutAsync($"/api/v1/users/{user}/password", """{"new_password":"seven dry leaves fall"}""");
        using var nobody = Admin.With(token: null);
        using var own = nobody.In(await nobody.SignInAsync("unlinked", "seven dry leaves fall"));
        using var again = await OpenAsync("unlinked");
        Assert.That(
            (
                await Admin.DeleteAsync($"/api/v1/users/{user}/identities?issuer={Uri.EscapeDataString(Provider.Issuer)}&subject=unlinked")
            ).Status,
            Is.EqualTo(HttpStatusCode.NoContent)
        );
        Assert.That((await again.GetAsync("/api/v1/session")).Status, Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That((await own.GetAsync("/api/v1/session")).Status, Is.EqualTo(HttpStatusCode.OK), "the session with a password");
        Assert.That(
            await Server.ScalarAsync<long>(
                $"select count(*) from events where action = 'session.ended' and target_id = '{user}' "
                    + "and before->>'method' = 'identity unlinked'"
            ),
            Is.EqualTo(1)
        );
    }

    private async Task<WombatClient> OpenAsync(string subject, params string[] groups)
    {
        Provider.RefreshToken = "r";
        var answer = await SignInAsync(With(Claims(subject), "groups", new JsonArray([.. groups.Select(g => (JsonNode)g)])));
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.Found), answer.ToString());
        var session = Admin.With(token: null);
        session.Http.DefaultRequestHeaders.Add("Cookie", answer.Cookie("wombat_session"));
        return session;
    }

    private async Task RefreshAsync()
    {
        var before = Provider.Refreshes;
        await Server.ExecuteAsync("update sessions set refresh_at = null where refresh_at < (select max(refresh_at) from sessions)");
        await Eventually.UntilAsync(
            async () =>
            {
                // Repeatedly, since a refresh that is being saved sets a later time.
                await Server.ExecuteAsync("update sessions set refresh_at = now() where refresh_at is not null");
                return Provider.Refreshes > before;
            },
            "the session is refreshed"
        );
    }
}
