using System.Net;
using System.Text.Json.Nodes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Administration;

/// <summary>Settings in effect, roles and role mappings.</summary>
public sealed class SettingsApiTests
{
    private const string Token = "a-token-that-only-the-metrics-may-use";

    private TestServer server = null!;
    private IReadOnlyDictionary<string, JsonNode> settings = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        server = await TestServer.StartAsync(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["METRICS_TOKEN"] = Token,
                ["JOBS_CONCURRENCY"] = "7",
                ["PUBLIC_URL"] = "https://wombat.example.org",
                ["TRUSTED_PROXIES"] = "10.0.0.1",
            }
        );
        var answer = await server.Client.GetAsync("/api/v1/settings");
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.OK), answer.Text);
        Assert.That(answer.Text, Does.Not.Contain(Token).And.Not.Contain("Password="));
        settings = answer.Body!["items"]!.AsArray().ToDictionary(s => (string)s!["name"]!, s => s!, StringComparer.Ordinal);
    }

    [OneTimeTearDown]
    public Task Stop() => server.DisposeAsync().AsTask();

    [Test]
    public void Settings_OfTheEnvironment_TellTheirSource()
    {
        var setting = settings["jobs.concurrency"];
        Assert.That(
            ((string)setting["value"]!, (string)setting["source"]!, (string)setting["variable"]!, (string)setting["default"]!),
            Is.EqualTo(("7", "environment", "WOMBAT_JOBS_CONCURRENCY", "16"))
        );
        Assert.That((string)setting["description"]!, Is.EqualTo("concurrent jobs"));
    }

    [Test]
    public void Settings_ThatAreNotSet_HaveTheirDefault()
    {
        var setting = settings["jobs.lease_seconds"];
        Assert.That(((string)setting["value"]!, (string)setting["source"]!), Is.EqualTo(("10", "default")));
        Assert.That((string)settings["roles"]["default"]!, Is.EqualTo("api,worker,reconciler"));
    }

    [TestCase("metrics.token")]
    [TestCase("connection_string")]
    public void Settings_ThatAreSecret_HaveNoValue(string name)
    {
        Assert.That((bool)settings[name]["secret"]!);
        Assert.That(settings[name]["value"], Is.Null);
    }

    // The limits of the resource kind probe are settings of these tests only.
    [Test]
    public void Settings_OfAllSections_AreDescribed() =>
        Assert.That(settings.Where(s => s.Value["description"] is null).Select(s => s.Key), Has.All.StartsWith("quotas.probe_"));

    [Test]
    public async Task Roles_OfThePermissionMatrix_IncludeEachOther()
    {
        var roles = (await server.Client.GetAsync("/api/v1/roles")).Body!["items"]!.AsArray();
        Assert.That(
            roles.Select(r => (string)r!["name"]!),
            Is.EqualTo(new[] { "user", "viewer", "developer", "project_manager", "admin" })
        );
        var names = roles.Select(r => r!["permissions"]!.AsArray().Select(p => (string)p!["name"]!).ToList()).ToList();
        Assert.That(names[1], Does.Contain("job_read").And.Not.Contain("job_operate"));
        Assert.That(names[2], Is.SupersetOf(names[1]).And.Contain("job_operate"));
        Assert.That(names[4], Is.SupersetOf(names[3]).And.Contain("settings_read"));
    }

    [Test]
    public async Task RoleMappings_WithoutADirectory_AreEmpty() =>
        Assert.That((await server.Client.GetAsync("/api/v1/role-mappings")).Body!["items"]!.AsArray(), Is.Empty);
}
