using System.Net;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Directories;

/// <summary>Sign-in by an LDAP bind.</summary>
[Category("Slow")]
public sealed class LdapSignInTests : LdapTestBase
{
    [Test]
    public async Task SignIn_ByBind_AcceptsOnlyTheRightPassword()
    {
        await SyncAsync();
        using (var session = await SignInAsync("dirk", "secret of dirk"))
        {
            Assert.That((string?)(await session.GetAsync("/api/v1/session")).Body!["name"], Is.EqualTo("dirk"));
        }

        using var nobody = Admin.With(token: null);
        foreach (
            var (login, password) in new[]
            {
                ("dirk", "wrong password here"),
                ("dirk", " "),
                ("dirk", "\0"),
                ("dirk", "\0secret of dirk"),
                ("dirk", "secret of dirk\0"),
                ("dirk\0", "secret of dirk"),
                ("*", "secret of dirk"),
                ("dirk)(uid=*", "secret of dirk"),
                ("ghost", "secret of ghost"),
                ("_starts-with-a-line", "secret of _starts-with-a-line"),
            }
        )
        {
            Assert.That((int)(await nobody.SignInAsync(login, password)).Status, Is.EqualTo(401).Or.EqualTo(400), $"{login}/{password}");
        }

        Assert.That(
            await Server.ScalarAsync<long>("select count(*) from events where action = 'session.opened' and after->>'method' = 'ldap'"),
            Is.EqualTo(1)
        );

        // While the directory is unavailable, attempts are not counted as failures.
        await Slapd.KillAsync();
        for (var i = 0; i < 25; i++)
        {
            var away = await nobody.SignInAsync(i % 2 == 0 ? "dirk" : "ben", "secret of dirk");
            Assert.That((away.Status, away.Code), Is.EqualTo((HttpStatusCode.ServiceUnavailable, "directory_unavailable")), $"try {i}");
        }

        await Slapd.StartAgainAsync();
        using var back = await SignInAsync("ben", "secret of ben");
    }

    [Test]
    public async Task SignIn_WhenDirectoryIsUnavailable_Is503UnlessLocalPasswordMatches()
    {
        await Admin.CreateUserAsync("local", ""","password":"violet-Rain-81-local" """);
        await Slapd.KillAsync();
        using var nobody = Admin.With(token: null);
        foreach (var login in new[] { "local", "dirk", "unknown" })
        {
            Assert.That((await nobody.SignInAsync(login, "a wrong password")).Status, Is.EqualTo(HttpStatusCode.ServiceUnavailable), login);
        }

        using var session = await SignInAsync("local", "violet-Rain-81-local");
    }

    [TestCase("ldap")]
    [TestCase("ldaps")]
    public async Task SignIn_WhenDirectoryHangs_Is503AfterTheConfiguredTimeout(string scheme)
    {
        await using var impatient = await TestServer.StartAsync(
            Settings(scheme == "ldap" ? Slapd.Url : Slapd.SecureUrl, ("LDAP_TIMEOUT_SECONDS", "2"))
        );
        await Slapd.HangAsync();
        var from = TimeProvider.System.GetTimestamp();
        using var nobody = impatient.Client.With(token: null);
        var answer = await nobody.SignInAsync("dirk", "secret of dirk");
        Assert.That((answer.Status, answer.Code), Is.EqualTo((HttpStatusCode.ServiceUnavailable, "directory_unavailable")));
        var asked = await impatient.Client.PostAsync("/api/v1/directory/sync");
        await Eventually.UntilAsync(
            async () => (string?)(await impatient.Client.GetAsync(asked.Location!)).Body!["error"]?["code"] == "directory_unavailable",
            "the job reports the unavailable directory"
        );
        Assert.That(TimeProvider.System.GetElapsedTime(from), Is.LessThan(TimeSpan.FromSeconds(20)));
    }
}
