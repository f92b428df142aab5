using System.Text;
using Wombat.Domain.Jobs;
using Wombat.Infrastructure.Jobs;

namespace Wombat.Infrastructure.Tests.Jobs;

public sealed class SecretMaskTests
{
    private const string Secret = "p@ss w\u00f6rd/%\"7\"+x";

    private static IEnumerable<string> Forms()
    {
        yield return Secret;
        yield return Uri.EscapeDataString(Secret);
        yield return Uri.EscapeDataString(Secret).ToLowerInvariant();
        yield return System.Net.WebUtility.UrlEncode(Secret);
        yield return string.Concat(Encoding.UTF8.GetBytes(Secret).Select(b => $"%{b:x2}"));
        yield return System.Text.Json.JsonSerializer.Serialize(Secret);
    }

    [TestCaseSource(nameof(Forms))]
    public void Apply_WhenASecretIsCutAnywhere_MasksIt(string form)
    {
        var bytes = Encoding.UTF8.GetBytes($"before {form} after");
        for (var first = 0; first < bytes.Length; first++)
        {
            for (var second = first; second < bytes.Length; second += 3)
            {
                var text = Masked(bytes[..first], bytes[first..second], bytes[second..]);
                Assert.That(
                    text.Replace("\"", "", StringComparison.Ordinal),
                    Is.EqualTo("before *** after"),
                    $"cut at {first} and {second}"
                );
            }
        }
    }

    [TestCase("")]
    [TestCase("a")]
    [TestCase("ab")]
    [TestCase("user:")]
    public void Apply_WhenBase64ContainsASecret_MasksIt(string before)
    {
        foreach (var after in new[] { "", "z", "yz", ":host" })
        {
            var encoded = Convert.ToBase64String(Encoding.UTF8.GetBytes(before + Secret + after));
            foreach (var form in new[] { encoded, encoded.Replace('+', '-').Replace('/', '_') })
            {
                var bytes = Encoding.UTF8.GetBytes(form);
                for (var cut = 0; cut < bytes.Length; cut++)
                {
                    var text = Masked(bytes[..cut], [], bytes[cut..]);
                    Assert.That(text, Does.Contain("***"), $"{form} cut at {cut}");
                    Assert.That(text, Has.Length.LessThan(before.Length * 2 + after.Length * 2 + 10));
                }
            }
        }
    }

    [Test]
    public void Apply_WhenASecretHasLines_MasksAllButShortOnes()
    {
        var mask = new SecretMask();
        mask.Add("-----BEGIN KEY-----\nabcdefgh\n-----END KEY-----\n");
        mask.Add("xyz");
        Assert.That(mask.Apply("key abcdefgh xyz"), Is.EqualTo("key *** xyz"));
        Assert.That(mask.Apply("nothing secret"), Is.EqualTo("nothing secret"));
    }

    [Test]
    public void Apply_WhenAnotherStreamFollows_DoesNotContinueTheLine()
    {
        var mask = new SecretMask();
        mask.Add("secret");
        var held = mask.Apply(new LogEntry(LogStream.Stdout, "see sec"u8.ToArray(), IsPartial: true))!.Value;
        Assert.That(Encoding.UTF8.GetString(held.Text.Span), Is.EqualTo("see "));
        var error = mask.Apply(new LogEntry(LogStream.Stderr, "ret"u8.ToArray()))!.Value;
        Assert.That(Encoding.UTF8.GetString(error.Text.Span), Is.EqualTo("ret"));
        var rest = mask.Apply(new LogEntry(LogStream.Stdout, "ond"u8.ToArray()))!.Value;
        Assert.That(Encoding.UTF8.GetString(rest.Text.Span), Is.EqualTo("second"));
    }

    private static string Masked(params byte[][] parts)
    {
        var mask = new SecretMask();
        mask.Add(Secret);
        var text = new StringBuilder();
        for (var i = 0; i < parts.Length; i++)
        {
            if (mask.Apply(new LogEntry(LogStream.Stdout, parts[i], IsPartial: i < parts.Length - 1)) is { } entry)
            {
                text.Append(Encoding.UTF8.GetString(entry.Text.Span));
            }
        }

        return text.ToString();
    }
}
