using System.Net;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Sessions;

/// <summary>What a session allows, and how long it lasts.</summary>
public sealed class SessionTests : SessionTestBase
{
    [Test]
    public async Task Session_WhenSignedIn_WorksUntilSignOut()
    {
        var (login, _) = await CreateUserAsync("admin");
        var opened = await Nobody.SignInAsync(login, Password);
        Assert.That(opened.Status, Is.EqualTo(HttpStatusCode.Created), opened.ToString());
        var cookie = opened.Headers.GetValues("Set-Cookie").Single(c => c.StartsWith("wombat_session", StringComparison.Ordinal));
        Assert.That(cookie, Does.Contain("httponly").And.Contain("samesite=lax").And.Contain("path=/"));

        using var session = Nobody.In(opened);
        var identity = (await session.GetAsync("/api/v1/session")).Body!;
        Assert.Multiple(() =>
        {
            Assert.That((string?)identity["name"], Is.EqualTo(login));
            Assert.That((string?)identity["through"], Is.EqualTo("session"));
            Assert.That((string?)identity["csrf_token"], Is.EqualTo((string?)opened.Body!["csrf_token"]));
        });
        await session.CreateProjectAsync();
        Assert.That((await session.DeleteAsync("/api/v1/session")).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await session.GetAsync("/api/v1/session")).Status, Is.EqualTo(HttpStatusCode.Unauthorized));
    }

    [TestCase("last_seen_at = now() - interval '61 minutes'")]
    [TestCase("expires_at = now() - interval '1 second'")]
    public async Task Session_WhenIdleOrOldForTooLong_Ends(string passing)
    {
        var (login, user) = await CreateUserAsync();
        using var session = Nobody.In(await Nobody.SignInAsync(login, Password));
        Assert.That((await session.GetAsync("/api/v1/session")).Status, Is.EqualTo(HttpStatusCode.OK));
        await Server.ScalarAsync<int>($"update sessions set {passing} where user_id = '{user}'");
        await Eventually.GetAsync(
            () => session.GetAsync("/api/v1/session"),
            a => a.Status == HttpStatusCode.Unauthorized,
            "the session has ended"
        );
    }

    [Test]
    public async Task Session_WhenRevokedByItsUser_Ends()
    {
        var (login, user) = await CreateUserAsync();
        using var one = Nobody.In(await Nobody.SignInAsync(login, Password));
        using var two = Nobody.In(await Nobody.SignInAsync(login, Password));
        var listed = (await one.GetAsync($"/api/v1/users/{user}/sessions")).Body!["items"]!.AsArray();
        Assert.That(listed, Has.Count.EqualTo(2));
        var other = (string)listed.Single(s => !(bool)s!["current"]!)!["id"]!;
        Assert.That((await one.DeleteAsync($"/api/v1/users/{user}/sessions/{other}")).Status, Is.EqualTo(HttpStatusCode.NoContent));
        Assert.That((await two.GetAsync("/api/v1/session")).Status, Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That((await one.GetAsync("/api/v1/session")).Status, Is.EqualTo(HttpStatusCode.OK));

        var (stranger, _) = await CreateUserAsync();
        using var third = Nobody.In(await Nobody.SignInAsync(stranger, Password));
        Assert.That((await third.GetAsync($"/api/v1/users/{user}/sessions")).Status, Is.EqualTo(HttpStatusCode.Forbidden));
    }

    [Test]
    public async Task Session_WhenServerRestarts_StaysValid()
    {
        var (login, _) = await CreateUserAsync();
        using var session = Nobody.In(await Nobody.SignInAsync(login, Password));
        await using var other = await TestServer.StartAsync(share: Server);
        using var there = new WombatClient(other.Client.Address.Port, token: null);
        foreach (var (name, values) in session.Http.DefaultRequestHeaders)
        {
            there.Http.DefaultRequestHeaders.TryAddWithoutValidation(name, values);
        }

        Assert.That((await there.GetAsync("/api/v1/session")).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Change_WhenCsrfTokenIsMissing_Is403()
    {
        var (login, _) = await CreateUserAsync("admin");
        var opened = await Nobody.SignInAsync(login, Password);
        using var session = Nobody.In(opened);
        session.Http.DefaultRequestHeaders.Remove("X-CSRF-Token");
        Assert.That((await session.GetAsync("/api/v1/projects")).Status, Is.EqualTo(HttpStatusCode.OK));
        var name = $"c-{Guid.NewGuid():N}"[..14];
        foreach (var forged in new[] { null, "x", (string)(await Nobody.SignInAsync(login, Password)).Body!["csrf_token"]! })
        {
            var refused = await session.PostAsync(
                "/api/v1/projects",
                $$"""{"name":"Forged","unix_name":"{{name}}"}""",
                forged is null ? [] : [("X-CSRF-Token", forged)]
            );
            Assert.That(refused.Status, Is.EqualTo(HttpStatusCode.Forbidden), forged ?? "no token");
            Assert.That(refused.Code, Is.EqualTo("csrf_token_missing"));
        }

        Assert.That(await Server.ScalarAsync<long>($"select count(*) from projects where unix_name = '{name}'"), Is.Zero);
    }

    [Test]
    public async Task Cookies_WhenPublicUrlIsHttps_HaveTheHostPrefix()
    {
        await using var secure = await TestServer.StartAsync(
            new Dictionary<string, string>(StringComparer.Ordinal) { ["PUBLIC_URL"] = "https://wombat.example.org" }
        );
        var login = $"s-{Guid.NewGuid():N}"[..16];
        await secure.Client.CreateUserAsync(login, $$""","password":"{{Password}}" """);
        using var anybody = secure.Client.With(token: null);
        var opened = await anybody.SignInAsync(login, Password);
        foreach (var cookie in opened.Headers.GetValues("Set-Cookie"))
        {
            Assert.That(cookie, Does.StartWith("__Host-wombat_").And.Contain("; secure").And.Contain("; path=/;"));
        }

        var secret = opened.Cookie("__Host-wombat_session");
        Assert.That((await anybody.GetAsync("/api/v1/session", ("Cookie", secret))).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(
            (await anybody.GetAsync("/api/v1/session", ("Cookie", secret.Replace("__Host-", "", StringComparison.Ordinal)))).Status,
            Is.EqualTo(HttpStatusCode.Unauthorized)
        );
    }

    [Test]
    public async Task ChangePassword_WhenCurrentPasswordMatches_EndsTheOtherSessions()
    {
        var (login, user) = await CreateUserAsync();
        using var one = Nobody.In(await Nobody.SignInAsync(login, Password));
        using var two = Nobody.In(await Nobody.SignInAsync(login, Password));
        var path = $"/api/v1/users/{user}/password";
        Assert.That(
            (await one.PutAsync(path, """{"current_password":"not it at all","new_password":"seven dry leaves fall"}""")).ErrorFields,
            Is.EqualTo(new[] { "current_password" })
        );
        Assert.That(
            (await one.PutAsync(path, $$"""{"current_password":"{{Password}}","new_password":"short"}""")).ErrorFields,
            Is.EqualTo(new[] { "new_password" })
        );
        Assert.That(
            (await one.PutAsync(path, $$"""{"current_password":"{{Password}}","new_password":"seven dry leaves fall"}""")).Status,
            Is.EqualTo(HttpStatusCode.NoContent)
        );
        Assert.That((await one.GetAsync("/api/v1/session")).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await two.GetAsync("/api/v1/session")).Status, Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That((await Nobody.SignInAsync(login, Password)).Status, Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That((await Nobody.SignInAsync(login, "seven dry leaves fall")).Status, Is.EqualTo(HttpStatusCode.Created));
    }

    [Test]
    public async Task SetPassword_WhenUserHasNone_NeedsAnAdmin()
    {
        var (holder, user) = await Admin.CreateMemberAsync();
        using (holder)
        {
            var refused = await holder.PutAsync($"/api/v1/users/{user}/password", """{"new_password":"seven dry leaves fall"}""");
            Assert.That((refused.Status, refused.Code), Is.EqualTo((HttpStatusCode.Forbidden, "first_password")));
        }

        Assert.That(
            (await Admin.PutAsync($"/api/v1/users/{user}/password", """{"new_password":"seven dry leaves fall"}""")).Status,
            Is.EqualTo(HttpStatusCode.NoContent)
        );
    }

    [Test]
    public async Task DeactivateUser_WhenSessionsAreOpen_EndsThem()
    {
        var (login, user) = await CreateUserAsync();
        using var session = Nobody.In(await Nobody.SignInAsync(login, Password));
        await Nobody.SignInAsync(login, "a wrong one, written down");
        await Admin.PatchAsync($"/api/v1/users/{user}", """{"active":false}""");
        Assert.That((await session.GetAsync("/api/v1/session")).Status, Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(await Server.ScalarAsync<long>($"select count(*) from sessions where user_id = '{user}'"), Is.Zero);
        Assert.That(
            await Server.ScalarAsync<long>(
                $"select count(*) from events where action = 'session.opened' and actor = '{login}' and through = 'session' "
                    + "and after->>'method' = 'password'"
            ),
            Is.EqualTo(1)
        );
        Assert.That(
            await Server.ScalarAsync<long>(
                "select count(*) from events where action = 'request.refused' and after->>'reason' = 'sign-in "
                    + $"as {login} with a wrong password'"
            ),
            Is.EqualTo(1)
        );
        Assert.That(await Server.ScalarAsync<long>("select count(*) from events e where e::text like '%written down%'"), Is.Zero);
    }
}
