using System.Net;
using System.Text.Json.Nodes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Sessions;

/// <summary>Roles by the groups that a provider reports or does not report.</summary>
public sealed class OidcGroupTests : OidcCompatibilityTestBase
{
    [TestCase("""{"_claim_names":{"groups":"src1"},"_claim_sources":{"src1":{"endpoint":"https://graph.example.org"}}}""")]
    [TestCase("""{"hasgroups":true}""")]
    [TestCase("{}")]
    [TestCase("""{"groups":null}""")]
    [TestCase("""{"groups":[7]}""")]
    public async Task SignIn_WhenGroupsClaimIsMissing_KeepsRolesUnlikeAnEmptyList(string told)
    {
        var subject = $"overage-{Guid.NewGuid():N}"[..20];
        await SignInAsync(With(Claims(subject), "groups", new JsonArray("staff", "bosses")));
        Assert.That(await RolesAsync(subject), Is.EqualTo("admin developer"));

        var claims = Claims(subject);
        claims.Remove("groups");
        foreach (var (name, value) in JsonNode.Parse(told)!.AsObject())
        {
            claims[name] = value?.DeepClone();
        }

        for (var i = 0; i < 2; i++)
        {
            Assert.That((await SignInAsync(claims)).Status, Is.EqualTo(HttpStatusCode.Found));
        }

        Assert.That(await RolesAsync(subject), Is.EqualTo("admin developer"));
        Assert.That(
            await Server.ScalarAsync<long>(
                "select count(*) from events e join users u on u.id = e.target_id where e.action = 'user.roles_kept' "
                    + $"and u.login = '{subject}'"
            ),
            Is.EqualTo(1)
        );

        await SignInAsync(With(Claims(subject), "groups", new JsonArray()));
        Assert.That(await RolesAsync(subject), Is.EqualTo("none "));
    }

    [Test]
    public async Task UserInfo_WhenSignedToken_IsAcceptedAndAnInvalidOneIsIgnored()
    {
        var claims = Claims("informed");
        claims.Remove("groups");
        string Info(params string[] groups) =>
            new JsonObject
            {
                ["iss"] = Provider.Issuer,
                ["aud"] = Client,
                ["sub"] = "informed",
                ["groups"] = new JsonArray([.. groups.Select(g => (JsonNode)g)]),
            }.ToJsonString();

        (Provider.UserInfoStatus, Provider.UserInfoType, Provider.UserInfo) = (
            200,
            "application/jwt",
            Keys.SignText("""{"alg":"RS256","kid":"q-rsa"}""", Info("staff"))
        );
        Assert.That((await SignInAsync(claims)).Status, Is.EqualTo(HttpStatusCode.Found));
        Assert.That(await RolesAsync("informed"), Is.EqualTo("none developer"));

        using var strangers = new TestKeys("q");
        foreach (
            var (status, body) in new[]
            {
                (200, strangers.SignText("""{"alg":"RS256","kid":"q-rsa"}""", Info())),
                (403, ""),
                (500, ""),
                (200, "no token"),
            }
        )
        {
            (Provider.UserInfoStatus, Provider.UserInfo) = (status, body);
            Assert.That((await SignInAsync(claims)).Status, Is.EqualTo(HttpStatusCode.Found), body);
            Assert.That(await RolesAsync("informed"), Is.EqualTo("none developer"), "a missing claim does not mean no groups");
        }
    }
}
