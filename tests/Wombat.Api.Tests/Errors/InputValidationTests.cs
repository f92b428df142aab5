using System.Net;
using System.Text.Json.Nodes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Errors;

/// <summary>An invalid body or header gets 400 with the field's name, never 500, and changes nothing.</summary>
public sealed class InputValidationTests
{
    private const string Projects = "/api/v1/projects";
    private TestServer server = null!;
    private string existing = null!;

    private WombatClient Client => server.Client;

    [OneTimeSetUp]
    public async Task Start()
    {
        server = await TestServer.StartAsync(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["PLUGINS_PROXMOX_ENABLED"] = "true",
                ["PLUGINS_PROXMOX_CLI_PATH"] = WombatProcess.Forge(),
            }
        );
        existing = await Client.CreateProjectAsync("existing-one");
    }

    [OneTimeTearDown]
    public Task Stop() => server.DisposeAsync().AsTask();

    public static IEnumerable<TestCaseData> Bodies()
    {
        TestCaseData Case(string name, string body, string field) => new TestCaseData(body, field).SetArgDisplayNames(name);
        yield return Case("empty", "", "body");
        yield return Case("not JSON", "{nope", "body");
        yield return Case("array", "[]", "body");
        yield return Case("null", "null", "body");
        yield return Case("number", "7", "body");
        yield return Case("truncated", """{"name":"Some name","unix_name":"so""", "unix_name");
        yield return Case("no fields", "{}", "unix_name");
        yield return Case("name is a number", """{"name":1,"unix_name":"bad-one"}""", "name");
        yield return Case("name is null", """{"name":null,"unix_name":"bad-one"}""", "name");
        yield return Case("name too short", """{"name":"ab","unix_name":"bad-one"}""", "name");
        yield return Case("name too long", $$"""{"name":"{{new string('n', 256)}}","unix_name":"bad-one"}""", "name");
        yield return Case("name with NUL", """{"name":"a\u0000bc","unix_name":"bad-one"}""", "name");
        yield return Case("name with ESC", """{"name":"a\u001b[31mbc","unix_name":"bad-one"}""", "name");
        yield return Case("name with half a surrogate", """{"name":"abc\ud800","unix_name":"bad-one"}""", "name");
        yield return Case("unix_name upper case", """{"name":"Name","unix_name":"Bad-One"}""", "unix_name");
        yield return Case("unix_name SQL", """{"name":"Name","unix_name":"x'; drop table projects;--"}""", "unix_name");
        yield return Case("unix_name shell", """{"name":"Name","unix_name":"$(reboot)"}""", "unix_name");
        yield return Case("unix_name with line end", """{"name":"Name","unix_name":"bad-one\n"}""", "unix_name");
        yield return Case("description with NUL", """{"name":"Name","unix_name":"bad-one","description":"\u0000"}""", "description");
        yield return Case(
            "description too long",
            $$"""{"name":"Name","unix_name":"bad-one","description":"{{new string('d', 10001)}}"}""",
            "description"
        );
        yield return Case("active is text", """{"name":"Name","unix_name":"bad-one","active":"yes"}""", "active");
        yield return Case("visibility unknown", """{"name":"Name","unix_name":"bad-one","visibility":"secret"}""", "visibility");
        yield return Case("visibility is a number", """{"name":"Name","unix_name":"bad-one","visibility":1}""", "visibility");
        yield return Case("tags is text", """{"name":"Name","unix_name":"bad-one","tags":"a"}""", "tags");
        yield return Case("tag is null", """{"name":"Name","unix_name":"bad-one","tags":["ok",null]}""", "tags[1]");
        yield return Case("tag with space", """{"name":"Name","unix_name":"bad-one","tags":["a b"]}""", "tags[0]");
        yield return Case("unknown field", """{"name":"Name","unix_name":"bad-one","colour":"red"}""", "colour");
        yield return Case("read-only field on create", """{"name":"Name","unix_name":"bad-one","id":"x"}""", "id");
        yield return Case("doubled field", """{"name":"Name","name":"Other","unix_name":"bad-one"}""", "name");
        yield return Case("deep", $$"""{"name":{{new string('[', 200)}}{{new string(']', 200)}},"unix_name":"bad-one"}""", "name");
    }

    [TestCaseSource(nameof(Bodies))]
    public async Task Create_WhenBodyIsInvalid_NamesTheFieldAndChangesNothing(string body, string field)
    {
        var before = await StateAsync();
        using var content = WombatClient.Json(body);
        using var response = await Client.Http.PostAsync(Projects, content);
        var answer = await Answer.OfAsync(response);
        Assert.That((answer.Status, answer.Code), Is.EqualTo((HttpStatusCode.BadRequest, "validation_failed")), answer.ToString());
        Assert.That(answer.ErrorFields, Does.Contain(field), answer.ToString());
        Assert.That(await StateAsync(), Is.EqualTo(before));
    }

    [TestCase("""{"name":"Name","unix_name":"bad-one","visibility":"secret"}""", "visibility", "must be one of private, internal, public")]
    [TestCase("""{"name":"Name","unix_name":"bad-one","active":"yes"}""", "active", "must be true or false")]
    [TestCase("""{"name":1,"unix_name":"bad-one"}""", "name", "must be text")]
    [TestCase("""{"name":"Name",}""", "body", "is not valid JSON at line 1, byte 16")]
    [TestCase("{\n\"name\": Name}", "name", "is not valid JSON at line 2, byte 9")]
    [TestCase("""{"name":"Name","unix_name":"bad-one","tags":"a"}""", "tags", "must be a list of texts")]
    public async Task Create_WhenAValueHasTheWrongType_SaysWhatIsAllowed(string body, string field, string message)
    {
        var answer = await Client.PostAsync(Projects, body);
        Assert.That((string?)answer.Body!["errors"]?[field]?[0], Is.EqualTo(message), answer.ToString());
    }

    [TestCase("""{"visibility":"secret"}""", "visibility", "must be one of private, internal, public")]
    [TestCase("""{"active":1}""", "active", "must be true or false")]
    public async Task Patch_WhenAValueHasTheWrongType_SaysWhatIsAllowed(string body, string field, string message)
    {
        var answer = await Client.PatchAsync($"{Projects}/{existing}", body);
        Assert.That((string?)answer.Body!["errors"]?[field]?[0], Is.EqualTo(message), answer.ToString());
    }

    [Test]
    public async Task Create_WhenAnOptionalFieldIsNull_UsesItsDefault()
    {
        var project = await Client.PostAsync(
            Projects,
            """{"name":"Nulls","unix_name":"nulls","description":null,"active":null,"visibility":null,"tags":null}"""
        );
        Assert.That(
            ((string?)project.Body!["description"], (bool?)project.Body["active"], (string?)project.Body["visibility"]),
            Is.EqualTo(("", true, "private")),
            project.ToString()
        );
        var user = await Client.PostAsync(
            "/api/v1/users",
            """{"login":"nulls","email":null,"full_name":null,"platform_role":null,"active":null,"password":null}"""
        );
        Assert.That(((string?)user.Body!["full_name"], (string?)user.Body["platform_role"]), Is.EqualTo(("", "none")), user.ToString());
        var plan = await Client.PostAsync(
            $"{Projects}/{existing}/containers/plan",
            """{"template":"busybox","name":null,"cpu":null,"ssh_keys":null}"""
        );
        Assert.That(plan.Status, Is.EqualTo(HttpStatusCode.OK), plan.ToString());
    }

    [Test]
    public async Task Create_WhenBodyIsTenMegabytes_Is413()
    {
        var answer = await Client.PostAsync(
            Projects,
            $$"""{"name":"Name","unix_name":"too-large","description":"{{new string('d', 10_000_000)}}"}"""
        );
        Assert.That((answer.Status, answer.Code), Is.EqualTo((HttpStatusCode.RequestEntityTooLarge, "body_too_large")));
    }

    [TestCase("application/x-www-form-urlencoded", null)]
    [TestCase("application/json; charset=utf-16", null)]
    [TestCase("application/json; charset=rubbish", null)]
    [TestCase("application/json", "gzip")]
    public async Task Create_WhenContentTypeIsNotSupported_Is415(string type, string? encoding)
    {
        using var content = new StringContent("""{"name":"Encoded","unix_name":"encoded"}""");
        content.Headers.ContentType = System.Net.Http.Headers.MediaTypeHeaderValue.Parse(type);
        content.Headers.ContentEncoding.Add(encoding ?? "identity");
        using var response = await Client.Http.PostAsync(Projects, content);
        var answer = await Answer.OfAsync(response);
        Assert.That(
            (answer.Status, answer.Code),
            Is.EqualTo((HttpStatusCode.UnsupportedMediaType, "unsupported_media_type")),
            answer.ToString()
        );
    }

    [Test]
    public async Task Create_WhenBodyIsInvalidUtf8_Is400()
    {
        using var content = new ByteArrayContent([.. "{\"name\":\"abc"u8, 0xff, 0xfe, .. "\",\"unix_name\":\"bad-utf\"}"u8]);
        content.Headers.ContentType = new("application/json");
        using var response = await Client.Http.PostAsync(Projects, content);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
    }

    [Test]
    public async Task Create_WhenTextHasMetacharacters_KeepsThem()
    {
        foreach (
            var text in new[]
            {
                "'; drop table projects; --",
                "$(touch /tmp/x) `id` | & ; > <",
                "\\\" \\' %s %n {0}",
                "<script>alert(1)</script>",
                "../../etc/passwd",
                "\u202eright to left",
            }
        )
        {
            var body = new JsonObject
            {
                ["name"] = text,
                ["unix_name"] = $"meta-{Guid.NewGuid():N}"[..20] + "z",
                ["description"] = text,
            }.ToJsonString();
            var answer = await Client.PostAsync(Projects, body);
            Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.Created), answer.ToString());
            Assert.That(((string)answer.Body!["name"]!, (string)answer.Body["description"]!), Is.EqualTo((text, text)));
            Assert.That((await Client.GetAsync($"{Projects}?q={Uri.EscapeDataString(text)}")).Body!["items"]!.AsArray(), Is.Not.Empty);
        }
    }

    [TestCase("""{"template":"$(reboot)"}""", "template")]
    [TestCase("""{"template":"--help"}""", "template")]
    [TestCase("""{"template":"nextstep"}""", "template")]
    [TestCase("""{}""", "template")]
    [TestCase("""{"template":"busybox","name":"a;b"}""", "name")]
    [TestCase("""{"template":"busybox","name":"--key"}""", "name")]
    [TestCase("""{"template":"busybox","cpu":0}""", "cpu")]
    [TestCase("""{"template":"busybox","cpu":1.5}""", "cpu")]
    [TestCase("""{"template":"busybox","cpu":"2"}""", "cpu")]
    [TestCase("""{"template":"busybox","memory":99999999999}""", "memory")]
    [TestCase("""{"template":"busybox","disk":-1}""", "disk")]
    [TestCase("""{"template":"debian-12","ssh_keys":["rubbish"]}""", "ssh_keys[0]")]
    [TestCase("""{"template":"debian-12","ssh_keys":[null]}""", "ssh_keys[0]")]
    [TestCase("""{"template":"busybox","image":"x"}""", "image")]
    public async Task CreateContainer_WhenBodyIsInvalid_NamesTheFieldAndChangesNothing(string body, string field)
    {
        var before = await StateAsync();
        foreach (var operation in new[] { "", "/plan" })
        {
            var answer = await Client.PostAsync($"{Projects}/{existing}/containers{operation}", body);
            if (operation.Length > 0 && answer.Status == HttpStatusCode.OK)
            {
                Assert.That(
                    answer.Body!["objections"]!.AsArray().Select(o => (string)o!["field"]!),
                    Does.Contain(field),
                    answer.ToString()
                );
                continue;
            }

            Assert.That((answer.Status, answer.Code), Is.EqualTo((HttpStatusCode.BadRequest, "validation_failed")), answer.ToString());
            Assert.That(answer.ErrorFields, Does.Contain(field), answer.ToString());
        }

        Assert.That(await StateAsync(), Is.EqualTo(before));
    }

    [TestCase("If-Match", "rubbish", HttpStatusCode.PreconditionFailed)]
    [TestCase("Idempotency-Key", "with space", HttpStatusCode.BadRequest)]
    public async Task Put_WhenAHeaderIsInvalid_IsRejected(string name, string value, HttpStatusCode status)
    {
        var answer = await Client.PutAsync($"{Projects}/{existing}", """{"name":"Some name"}""", (name, value));
        Assert.That(answer.Status, Is.EqualTo(status), answer.ToString());
    }

    private Task<string?> StateAsync() =>
        server.ScalarAsync<string>(
            "select concat_ws(',', (select count(*) from projects), (select count(*) from resources), (select count(*) "
                + "from jobs), (select count(*) from events where outcome = 'success'))"
        );
}
