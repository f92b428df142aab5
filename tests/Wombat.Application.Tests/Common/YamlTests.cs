using System.Globalization;
using Wombat.Application.Common;
using Wombat.Domain.Common;

namespace Wombat.Application.Tests.Common;

public sealed class YamlTests
{
    private static readonly string[] Texts =
    [
        "",
        " ",
        "plain",
        "two words",
        " before",
        "after ",
        "no",
        "Yes",
        "null",
        "~",
        "1.10",
        "0755",
        "1e3",
        "12:30:45",
        "2026-11-28",
        "- item",
        "# no comment",
        "a: b",
        "a #b",
        "{{NAME}}",
        "[a, b]",
        "&anchor",
        "*alias",
        "!tag",
        "%directive",
        "---",
        "...",
        "'single'",
        "\"double\"",
        "back\\slash",
        "v[0-9]+\\.[0-9]+",
        "tab\tinside",
        "first\nsecond",
        "first\n\n\nthird\n",
        "first\nlast\n\n",
        "\nfirst",
        " first\nsecond",
        "first \nsecond",
        "first\r\nsecond",
        "\n",
        "ä ö\u0301 \u2028 \u0085 \ufeff \u200b",
        "💥💥",
        new('x', 3000),
    ];

    private static string Many => string.Join(' ', Enumerable.Range(0, 500).Select(i => $"word{i.ToString(CultureInfo.InvariantCulture)}"));

    [Test]
    public void Text_ThatIsWritten_IsReadAgainAsItWas()
    {
        var random = new Random(7);
        var noise = Enumerable.Range(0, 2000).Select(_ => Noise(random, "ab \n\t:-#'\"\\{}[],&*!|>%@`?~0.5é\u2028💥", 12));
        foreach (var text in Texts.Append(Many).Concat(noise))
        {
            var fields = YamlValue.OfFields([
                KeyValuePair.Create("text", YamlValue.Of(text)),
                KeyValuePair.Create("list", YamlValue.OfTexts([text, "x", text])),
                KeyValuePair.Create("last", YamlValue.OfFields([KeyValuePair.Create("name", YamlValue.Of(text))])),
            ]);
            var written = YamlWriter.Write(fields);
            var read = YamlReader.Read("document", written).Fields!;
            Assert.That(read[0].Value.Text, Is.EqualTo(text), written);
            Assert.That(read[1].Value.Items!.Select(i => i.Text), Is.EqualTo(new[] { text, "x", text }), written);
            Assert.That(read[2].Value.Fields![0].Value.Text, Is.EqualTo(text), written);
        }
    }

    [Test]
    public void Text_ThatYamlTakesForAnotherType_IsWrittenInQuotes() =>
        Assert.That(
            YamlWriter.Write(YamlValue.OfTexts(["no", "1.10", "0755", "", "null", "deploy", "first\nsecond\n"])),
            Is.EqualTo(
                """
                - "no"
                - "1.10"
                - "0755"
                - ""
                - "null"
                - deploy
                - |
                  first
                  second

                """
            )
        );

    [TestCase("no")]
    [TestCase("1.10")]
    [TestCase("0755")]
    [TestCase("1_000")]
    [TestCase("2026-11-28")]
    [TestCase("true")]
    public void Text_WithoutQuotes_IsReadAsItIsWritten(string text) =>
        Assert.That(YamlReader.Read("document", $"a: {text}").Fields![0].Value.Text, Is.EqualTo(text));

    [TestCase("a: &x [1]\nb: *x", "line 1, column 4: anchors, aliases and tags are not allowed")]
    [TestCase("a: *x", "line 1, column 4: anchors, aliases and tags are not allowed")]
    [TestCase("a: !!binary aGk=", "line 1, column 4: anchors, aliases and tags are not allowed")]
    [TestCase("!System.IO.FileInfo {a: b}", "line 1, column 1: anchors, aliases and tags are not allowed")]
    [TestCase("&x a: b", "anchors, aliases and tags are not allowed")]
    [TestCase("[[[[[[[[[[[]]]]]]]]]]]", "line 1, column 11: more than 10 levels are not allowed")]
    [TestCase("a: 1\n---\nb: 2", "a second document is not allowed")]
    [TestCase("? [a]\n: b", "the name of a field must be a text")]
    [TestCase("", "has no document")]
    [TestCase("# only a comment", "has no document")]
    [TestCase("a: [1", "is not YAML")]
    [TestCase("a: b: c", "line 1, column")]
    [TestCase("a: \"\\q\"", "line 1, column")]
    [TestCase("a: 1\0", "must not contain control characters")]
    public void Document_ThatIsNotAllowed_IsRefusedByItsPlace(string text, string message)
    {
        var refused = Assert.Throws<InvalidInputException>(() => YamlReader.Read("document", text));
        Assert.That(refused.Errors["document"][0], Does.Contain(message));
    }

    [Test]
    public void Document_ThatIsLargeOrDeep_IsReadOrRefusedInTime()
    {
        var deep = string.Concat(Enumerable.Repeat("{a: ", 200_000));
        Assert.Throws<InvalidInputException>(() => YamlReader.Read("document", deep));
        var lines = string.Concat(Enumerable.Range(0, 20_000).Select(i => $"- \"{i}\": [a, b]\n"));
        Assert.That(YamlReader.Read("document", lines).Items, Has.Count.EqualTo(20_000));
    }

    [Test]
    public void Document_OfAnyCharacters_IsReadOrRefused()
    {
        var random = new Random(11);
        for (var i = 0; i < 5000; i++)
        {
            var text = Noise(random, "ab \n:-#'\"\\{}[],&*!|>%@`?~0\u2028é", 40);
            try
            {
                YamlReader.Read("document", text);
            }
            catch (InvalidInputException)
            {
                // Nothing else may be thrown.
            }
        }
    }

    private static string Noise(Random random, string letters, int length)
    {
        var runes = letters.EnumerateRunes().ToArray();
        return string.Concat(Enumerable.Range(0, random.Next(length)).Select(_ => runes[random.Next(runes.Length)].ToString()));
    }
}
