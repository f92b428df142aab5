using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Contract;

/// <summary>The page to read and try the API.</summary>
public sealed class ApiPageTests
{
    [Test]
    public async Task ApiPage_WhenFetched_IsAllowedByItsPolicy()
    {
        await using var server = await TestServer.StartAsync();
        using var nobody = server.Client.With(token: null);
        using var http = new HttpClient { BaseAddress = nobody.Address };
        using var page = await http.GetAsync("/docs");
        Assert.That(page.RequestMessage!.RequestUri!.AbsolutePath, Is.EqualTo("/docs/index.html"));
        var html = (await page.Content.ReadAsStringAsync()).ReplaceLineEndings("\n");
        Assert.That(html, Does.Contain("<title>Wombat API</title>").And.Contain("/openapi/v1.json"));

        var policy = page.Headers.GetValues("Content-Security-Policy").Single();
        var inline = Regex
            .Matches(html, "<script>(?<code>.*?)</script>", RegexOptions.Singleline | RegexOptions.NonBacktracking)
            .Select(m => m.Groups["code"].Value)
            .ToArray();
        Assert.That(inline, Has.Length.EqualTo(1));
        Assert.That(policy, Does.Contain($"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(inline[0])))}'"));

        // Whatever the page loads comes from this server.
        var files = Regex
            .Matches(html, "(src|href)=\"(?<file>[^\"]+)\"", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)
            .Select(m => m.Groups["file"].Value)
            .ToArray();
        Assert.That(files, Has.Length.GreaterThan(3));
        foreach (var file in files)
        {
            using var answer = await http.GetAsync(new Uri(page.RequestMessage.RequestUri, file));
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), file);
            Assert.That(file, Does.Not.Contain("//"));
        }
    }

    [Test]
    public async Task ApiPage_WhenAskedForAnotherDocument_Answers400()
    {
        await using var server = await TestServer.StartAsync();
        var answer = await server.Client.GetAsync("/docs/index.html?url=https://elsewhere.example.org/v1.json");
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.BadRequest), answer.ToString());
    }
}
