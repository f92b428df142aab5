using System.Net;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Sessions;

/// <summary>Failed sign-ins and their effect on later ones.</summary>
public sealed class SignInLockTests : SessionTestBase
{
    [Test]
    public async Task SignIn_WhenItFails_ReturnsTheSameAnswerForEveryReason()
    {
        var (login, user) = await CreateUserAsync();
        var (gone, goneId) = await CreateUserAsync();
        await Admin.PatchAsync($"/api/v1/users/{goneId}", """{"active":false}""");
        var answers = new[]
        {
            await Nobody.SignInAsync(login, "not the right one"),
            await Nobody.SignInAsync("nobody-of-this-name", Password),
            await Nobody.SignInAsync(gone, Password),
        };
        Assert.That(answers.Select(a => a.Status), Is.All.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(answers.Select(a => (string?)a.Body!["detail"]).Distinct(), Has.Exactly(1).Items);
        Assert.That((await Nobody.PostAsync("/api/v1/session", "{}")).ErrorFields, Is.EquivalentTo(new[] { "login", "password" }));
        Assert.That(user, Is.Not.Empty);
    }

    [Test]
    public async Task SignIn_WhenGuessedTooOften_LocksKnownAndUnknownLogins()
    {
        // The first delay is one second, which the burst itself may take on a busy machine; here it is a minute.
        await Server.ExecuteAsync(
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
            await Server.ExecuteAsync("delete from sign_in_failures");
            var answers = await Task.WhenAll(Enumerable.Range(0, 15).Select(i => Nobody.SignInAsync(guessed, $"guess number {i} of many")));
            Assert.That(answers.Count(a => a.Status == HttpStatusCode.Unauthorized), Is.EqualTo(5), guessed);
            var waiting = answers.Where(a => a.Status == HttpStatusCode.TooManyRequests).ToList();
            Assert.That(waiting, Has.Count.EqualTo(10));
            Assert.That(waiting[0].Headers.RetryAfter?.Delta, Is.GreaterThan(TimeSpan.Zero));
        }

        Assert.That(
            (await Nobody.SignInAsync(login, Password)).Status,
            Is.EqualTo(HttpStatusCode.Created),
            "failures of another login do not count"
        );
        await Server.ExecuteAsync("delete from sign_in_failures");
        for (var i = 0; i < 5; i++)
        {
            await Nobody.SignInAsync(login, "wrong again and again");
        }

        Assert.That(
            (await Nobody.SignInAsync(login, Password)).Status,
            Is.EqualTo(HttpStatusCode.TooManyRequests),
            "a locked login refuses the right password"
        );
        await Server.ExecuteAsync("update sign_in_failures set wait_until = now() - interval '1 second'");
        Assert.That((await Nobody.SignInAsync(login, Password)).Status, Is.EqualTo(HttpStatusCode.Created));
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

        // A known device is known for its own accounts only, and its failures are counted as well.
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
        await Server.ExecuteAsync("delete from sign_in_failures");
        var (login, _) = await CreateUserAsync();
        for (var i = 0; i < 5; i++)
        {
            await Nobody.SignInAsync(login, "wrong again and again");
        }

        await Server.ExecuteAsync("update sign_in_failures set wait_until = now() + interval '1 minute'");
        var wide = string.Concat(
            login.Select(c =>
                c == '-' ? '－'
                : char.IsDigit(c) ? (char)(c - '0' + '０')
                : (char)(c - 'a' + 'Ａ')
            )
        );
        var answer = await Nobody.SignInAsync(
            string.Format(System.Globalization.CultureInfo.InvariantCulture, spelling, login, wide),
            Password
        );
        await Server.ExecuteAsync("delete from sign_in_failures");
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.TooManyRequests));
    }

    [Test]
    public async Task SignIn_WhenLoginIsHuge_Is400ForItsLength()
    {
        var emoji = string.Concat(Enumerable.Repeat("\U0001F600", 250_000));
        using var impatient = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var response = await Nobody.Http.PostAsync(
            new Uri(Nobody.Address, "/api/v1/session"),
            WombatClient.Json($$"""{"login":"{{emoji}}","password":"x"}"""),
            impatient.Token
        );
        var answer = await Answer.OfAsync(response);
        Assert.That(
            (answer.Status, answer.Body!["errors"]!["login"]!.AsArray().Select(e => (string?)e)),
            Is.EqualTo((HttpStatusCode.BadRequest, new[] { "is too long" }))
        );
    }
}
