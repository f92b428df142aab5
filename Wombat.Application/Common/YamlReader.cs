using System.Globalization;
using Wombat.Domain.Common;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Wombat.Application.Common;

/// <summary>
/// Reads one YAML document into texts, lists and fields. Tags, anchors and aliases are refused, and nesting is limited: a document can
/// neither create objects nor grow while it is read.
/// </summary>
internal sealed class YamlReader
{
    public const int DepthMax = 10;
    private static readonly string[] Nulls = ["", "~", "null", "Null", "NULL"];

    private readonly string field;
    private readonly Parser parser;

    private YamlReader(string field, TextReader text) => (this.field, parser) = (field, new Parser(text));

    /// <param name="field">The field of the request that has the text.</param>
    /// <exception cref="InvalidInputException">
    /// The text is not one document of the kind above; the message names line and column.
    /// </exception>
    public static YamlValue Read(string field, string text)
    {
        // The parser takes NUL as the end.
        if (!ValidationRules.IsPlain(text, multiline: true))
        {
            throw new InvalidInputException(field, "must not contain control characters or broken Unicode");
        }

        using var lines = new StringReader(text);
        try
        {
            return new YamlReader(field, lines).ReadOnly();
        }
        catch (YamlException e)
        {
            throw new InvalidInputException(field, At(e.Start, $"is not YAML: {e.Message}"));
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // The parser throws these for some texts that end too early, and for some tags.
            throw new InvalidInputException(field, "is not YAML");
        }
    }

    private YamlValue ReadOnly()
    {
        parser.Consume<StreamStart>();
        if (parser.Accept<StreamEnd>(out _))
        {
            throw new InvalidInputException(field, "has no document");
        }

        parser.Consume<DocumentStart>();
        var value = Next(1);
        parser.Consume<DocumentEnd>();
        return parser.Accept<StreamEnd>(out _) ? value : throw Refused(parser.Current!, "a second document is not allowed");
    }

    private YamlValue Next(int depth)
    {
        var node = parser.Consume<ParsingEvent>();
        if (node is not NodeEvent { Anchor.IsEmpty: true, Tag.IsEmpty: true })
        {
            throw Refused(node, "anchors, aliases and tags are not allowed");
        }

        if (depth > DepthMax)
        {
            throw Refused(node, $"more than {DepthMax} levels are not allowed");
        }

        return node switch
        {
            Scalar text => text.Style == ScalarStyle.Plain && Nulls.Contains(text.Value, StringComparer.Ordinal)
                ? YamlValue.Nothing
                : YamlValue.Of(text.Value),
            SequenceStart => YamlValue.OfItems(ReadItems(depth)),
            _ => YamlValue.OfFields(ReadFields(depth)),
        };
    }

    private List<YamlValue> ReadItems(int depth)
    {
        var items = new List<YamlValue>();
        while (!parser.TryConsume<SequenceEnd>(out _))
        {
            items.Add(Next(depth + 1));
        }

        return items;
    }

    private List<KeyValuePair<string, YamlValue>> ReadFields(int depth)
    {
        var fields = new List<KeyValuePair<string, YamlValue>>();
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            if (!parser.Accept<Scalar>(out var name))
            {
                throw Refused(parser.Current!, "the name of a field must be a text");
            }

            Next(depth + 1);
            fields.Add(KeyValuePair.Create(name.Value, Next(depth + 1)));
        }

        return fields;
    }

    private InvalidInputException Refused(ParsingEvent place, string problem) => new(field, At(place.Start, problem));

    private static string At(Mark mark, string problem) =>
        string.Create(CultureInfo.InvariantCulture, $"line {mark.Line}, column {mark.Column}: {problem}");
}
