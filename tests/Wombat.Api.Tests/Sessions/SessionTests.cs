using System.Net;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Sessions;

/// <summary>Signing in by password, and what a session may and for how long.</summary>
public sealed class SessionTests
{
    private const string Password = "four worms under wet wood";

    private TestServer server = null!;
    private WombatClient nobody = null!;

    private WombatClient Admin => server.Client;

    [OneTimeSetUp]
    public async Task Start()
    {
        server = await TestServer.StartAsync(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["SESSIONS_IDLE_MINUTES"] = "60",
                ["SESSIONS_LIFETIME_MINUTES"] = "600",
            }
        );
        nobody = Admin.With(token: null);
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        nobody.Dispose();
        await server.DisposeAsync();
    }

    [Test]
    public async Task Session_WhenSignedIn_WorksUntilSignOut()
    {
        var (login, _) = await CreateUserAsync("admin");
        var opened = await nobody.SignInAsync(login, Password);
        Assert.That(opened.Status, Is.EqualTo(HttpStatusCode.Created), opened.ToString());
        var cookie = opened.Headers.GetValues("Set-Cookie").Single(c => c.StartsWith("wombat_session", StringComparison.Ordinal));
        Assert.That(cookie, Does.Contain("httponly").And.Contain("samesite=lax").And.Contain("path=/"));

        using var session = nobody.In(opened);
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

    [Test]
    public async Task Change_WhenCsrfTokenIsMissing_Is403()
    {
        var (login, _) = await CreateUserAsync("admin");
        var opened = await nobody.SignInAsync(login, Password);
        using var session = nobody.In(opened);
        session.Http.DefaultRequestHeaders.Remove("X-CSRF-Token");
        Assert.That((await session.GetAsync("/api/v1/projects")).Status, Is.EqualTo(HttpStatusCode.OK));
        var name = $"c-{Guid.NewGuid():N}"[..14];
        foreach (var forged in new[] { null, "x", (string)(await nobody.SignInAsync(login, Password)).Body!["csrf_token"]! })
        {
            var refused = await session.PostAsync(
                "/api/v1/projects",
                $$"""{"name":"Forged","unix_name":"{{name}}"}""",
                forged is null ? [] : [("X-CSRF-Token", forged)]
            );
            Assert.That(refused.Status, Is.EqualTo(HttpStatusCode.Forbidden), forged ?? "no token");
            Assert.That(refused.Code, Is.EqualTo("csrf_token_missing"));
        }

        Assert.That(await server.ScalarAsync<long>($"select count(*) from projects where unix_name = '{name}'"), Is.Zero);
    }

    [Test]
    public async Task SignIn_WhenItFails_ReturnsTheSameAnswerForEveryReason()
    {
        var (login, user) = await CreateUserAsync();
        var (gone, goneId) = await CreateUserAsync();
        await Admin.PatchAsync($"/api/v1/users/{goneId}", """{"active":false}""");
        var answers = new[]
        {
            await nobody.SignInAsync(login, "not the right one"),
            await nobody.SignInAsync("nobody-of-this-name", Password),
            await nobody.SignInAsync(gone, Password),
        };
        Assert.That(answers.Select(a => a.Status), Is.All.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(answers.Select(a => (string?)a.Body!["detail"]).Distinct(), Has.Exactly(1).Items);
        Assert.That((await nobody.PostAsync("/api/v1/session", "{}")).ErrorFields, Is.EquivalentTo(new[] { "login", "password" }));
        Assert.That(user, Is.Not.Empty);
    }

    [Test]
    public async Task SignIn_WhenGuessedTooOften_LocksKnownAndUnknownLogins()
    {
        // The first wait is one second, which a busy machine may need for the burst itself: here it is a minute.
        await server.ExecuteAsync(
            """
            create function long_wait() returns trigger language plpgsql as
            'begin new.wait_until = greatest(new.wait_until, now() + interval ''1 minute''); return new; end';
            create trigger long_wait before insert or update on sign_in_failures for each row
                when (new.wait_until > now()) execute function long_wait()
            """
        );
        var (login, _) = await CreateUserAsync();
        foreach (var guessed in new[] { login, $"ghost-{Guid.NewGuid():N}"[..16] })
        {
            await server.ExecuteAsync("delete from sign_in_failures");
            var answers = await Task.WhenAll(Enumerable.Range(0, 15).Select(i => nobody.SignInAsync(guessed, $"guess number {i} of many")));
            Assert.That(answers.Count(a => a.Status == HttpStatusCode.Unauthorized), Is.EqualTo(5), guessed);
            var waiting = answers.Where(a => a.Status == HttpStatusCode.TooManyRequests).ToList();
            Assert.That(waiting, Has.Count.EqualTo(10));
            Assert.That(waiting[0].Headers.RetryAfter?.Delta, Is.GreaterThan(TimeSpan.Zero));
        }

        Assert.That(
            (await nobody.SignInAsync(login, Password)).Status,
            Is.EqualTo(HttpStatusCode.Created),
            "the other login's failures are not this one's"
        );
        await server.ExecuteAsync("delete from sign_in_failures");
        for (var i = 0; i < 5; i++)
        {
            await nobody.SignInAsync(login, "wrong again and again");
        }

        Assert.That(
            (await nobody.SignInAsync(login, Password)).Status,
            Is.EqualTo(HttpStatusCode.TooManyRequests),
            "the right password does not open a locked login"
        );
        await server.ExecuteAsync("update sign_in_failures set wait_until = now() - interval '1 second'");
        Assert.That((await nobody.SignInAsync(login, Password)).Status, Is.EqualTo(HttpStatusCode.Created));
    }

    [Test]
    public async Task SignIn_WhenLoginIsLocked_StillWorksFromKnownAddressesAndDevices()
    {
        await using var guarded = await TestServer.StartAsync(
            new Dictionary<string, string>(StringComparer.Ordinal) { ["TRUSTED_PROXIES"] = "127.0.0.1" }
        );
        var login = $"s-{Guid.NewGuid():N}"[..16];
        await guarded.Client.CreateUserAsync(login, $$""","password":"{{Password}}" """);
        using var anybody = guarded.Client.With(token: null);
        Task<Answer> From(string address, string password, string? device = null) =>
            anybody.PostAsync(
                "/api/v1/session",
                $$"""{"login":"{{login}}","password":"{{password}}"}""",
                [("X-Forwarded-For", address), .. device is null ? [] : new[] { ("Cookie", device) }]
            );

        var device = (await From("203.0.113.1", Password)).Cookie("wombat_device");
        await guarded.ExecuteAsync(
            """
            create function long_wait() returns trigger language plpgsql as
            'begin new.wait_until = greatest(new.wait_until, now() + interval ''1 minute''); return new; end';
            create trigger long_wait before insert or update on sign_in_failures for each row
                when (new.wait_until > now()) execute function long_wait()
            """
        );
        for (var i = 0; i < 6; i++)
        {
            await From("203.0.113.66", "a guess of a stranger");
        }

        Assert.That((await From("203.0.113.66", Password)).Status, Is.EqualTo(HttpStatusCode.TooManyRequests));
        Assert.That((await From("203.0.113.1", Password)).Status, Is.EqualTo(HttpStatusCode.Created), "at the owner's address");
        Assert.That((await From("203.0.113.66", Password, device)).Status, Is.EqualTo(HttpStatusCode.Created), "at the owner's device");

        // A device is known to its own accounts alone, and guesses no more freely than others.
        for (var i = 0; i < 5; i++)
        {
            Assert.That((await From("203.0.113.5", "a guess at a stolen device", device)).Status, Is.EqualTo(HttpStatusCode.Unauthorized));
        }

        Assert.That((await From("203.0.113.5", Password, device)).Status, Is.EqualTo(HttpStatusCode.TooManyRequests));
    }

    [TestCase(" {0}")]
    [TestCase("{0}  ")]
    [TestCase("{1}")]
    public async Task SignIn_WhenLoginIsLocked_IsLockedInEverySpelling(string spelling)
    {
        await server.ExecuteAsync("delete from sign_in_failures");
        var (login, _) = await CreateUserAsync();
        for (var i = 0; i < 5; i++)
        {
            await nobody.SignInAsync(login, "wrong again and again");
        }

        await server.ExecuteAsync("update sign_in_failures set wait_until = now() + interval '1 minute'");
        var wide = string.Concat(
            login.Select(c =>
                c == '-' ? '－'
                : char.IsDigit(c) ? (char)(c - '0' + '０')
                : (char)(c - 'a' + 'Ａ')
            )
        );
        var answer = await nobody.SignInAsync(
            string.Format(System.Globalization.CultureInfo.InvariantCulture, spelling, login, wide),
            Password
        );
        await server.ExecuteAsync("delete from sign_in_failures");
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.TooManyRequests));
    }

    [Test]
    public async Task SignIn_WhenLoginIsHuge_Is400ForItsLength()
    {
        var emoji = string.Concat(Enumerable.Repeat("\U0001F600", 250_000));
        using var impatient = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var response = await nobody.Http.PostAsync(
            new Uri(nobody.Address, "/api/v1/session"),
            WombatClient.Json($$"""{"login":"{{emoji}}","password":"x"}"""),
            impatient.Token
        );
        var answer = await Answer.OfAsync(response);
        Assert.That(
            (answer.Status, answer.Body!["errors"]!["login"]!.AsArray().Select(e => (string?)e)),
            Is.EqualTo((HttpStatusCode.BadRequest, new[] { "is too long" }))
        );
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

    [TestCase("last_seen_at = now() - interval '61 minutes'")]
    [TestCase("expires_at = now() - interval '1 second'")]
    public async Task Session_WhenIdleOrOldForTooLong_Ends(string passing)
    {
        var (login, user) = await CreateUserAsync();
        using var session = nobody.In(await nobody.SignInAsync(login, Password));
        Assert.That((await session.GetAsync("/api/v1/session")).Status, Is.EqualTo(HttpStatusCode.OK));
        await server.ScalarAsync<int>($"update sessions set {passing} where user_id = '{user}'");
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
        using var one = nobody.In(await nobody.SignInAsync(login, Password));
        using var two = nobody.In(await nobody.SignInAsync(login, Password));
        var listed = (await one.GetAsync($"/api/v1/users/{user}/sessions")).Body!["items"]!.AsArray();
        Assert.That(listed, Has.Count.EqualTo(2));
        var other = (string)listed.Single(s => !(bool)s!["current"]!)!["id"]!;
        Assert.That((await one.DeleteAsync($"/api/v1/users/{user}/sessions/{other}")).Status, Is.EqualTo(HttpStatusCode.NoContent));
        Assert.That((await two.GetAsync("/api/v1/session")).Status, Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That((await one.GetAsync("/api/v1/session")).Status, Is.EqualTo(HttpStatusCode.OK));

        var (stranger, _) = await CreateUserAsync();
        using var third = nobody.In(await nobody.SignInAsync(stranger, Password));
        Assert.That((await third.GetAsync($"/api/v1/users/{user}/sessions")).Status, Is.EqualTo(HttpStatusCode.Forbidden));
    }

    [Test]
    public async Task ChangePassword_WhenCurrentPasswordMatches_EndsTheOtherSessions()
    {
        var (login, user) = await CreateUserAsync();
        using var one = nobody.In(await nobody.SignInAsync(login, Password));
        using var two = nobody.In(await nobody.SignInAsync(login, Password));
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
        Assert.That((await nobody.SignInAsync(login, Password)).Status, Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That((await nobody.SignInAsync(login, "seven dry leaves fall")).Status, Is.EqualTo(HttpStatusCode.Created));
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
        using var session = nobody.In(await nobody.SignInAsync(login, Password));
        await nobody.SignInAsync(login, "a wrong one, written down");
        await Admin.PatchAsync($"/api/v1/users/{user}", """{"active":false}""");
        Assert.That((await session.GetAsync("/api/v1/session")).Status, Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(await server.ScalarAsync<long>($"select count(*) from sessions where user_id = '{user}'"), Is.Zero);
        Assert.That(
            await server.ScalarAsync<long>(
                $"select count(*) from events where action = 'session.opened' and actor = '{login}' and through = 'session' "
                    + "and after->>'method' = 'password'"
            ),
            Is.EqualTo(1)
        );
        Assert.That(
            await server.ScalarAsync<long>(
                "select count(*) from events where action = 'request.refused' and after->>'reason' = 'sign-in "
                    + $"as {login} with a wrong password'"
            ),
            Is.EqualTo(1)
        );
        Assert.That(await server.ScalarAsync<long>("select count(*) from events e where e::text like '%written down%'"), Is.Zero);
    }

    [Test]
    public async Task Session_WhenServerRestarts_StaysValid()
    {
        var (login, _) = await CreateUserAsync();
        using var session = nobody.In(await nobody.SignInAsync(login, Password));
        await using var other = await TestServer.StartAsync(share: server);
        using var there = new WombatClient(other.Client.Address.Port, token: null);
        foreach (var (name, values) in session.Http.DefaultRequestHeaders)
        {
            there.Http.DefaultRequestHeaders.TryAddWithoutValidation(name, values);
        }

        Assert.That((await there.GetAsync("/api/v1/session")).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    private async Task<(string Login, string Id)> CreateUserAsync(string role = "none")
    {
        var login = $"s-{Guid.NewGuid():N}"[..16];
        return (login, await Admin.CreateUserAsync(login, $$""","password":"{{Password}}","platform_role":"{{role}}" """));
    }
}
