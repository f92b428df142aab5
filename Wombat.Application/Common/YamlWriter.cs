using System.Globalization;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Wombat.Application.Common;

/// <summary>
/// Writes a YAML document that every reader takes as the same texts: quotes stand around what could be read as something else.
/// </summary>
internal static partial class YamlWriter
{
    private static readonly EmitterSettings Settings = EmitterSettings
        .Default.WithBestIndent(2)
        .WithBestWidth(int.MaxValue)
        .WithIndentedSequences()
        .WithNewLine("\n");

    // What YAML 1.1 or 1.2 reads as a truth value or as nothing.
    private static readonly HashSet<string> Reserved = new(
        ["y", "n", "yes", "no", "on", "off", "true", "false", "null"],
        StringComparer.OrdinalIgnoreCase
    );

    public static string Write(YamlValue document)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        var emitter = new Emitter(text, Settings);
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(version: null, tags: null, isImplicit: true));
        Emit(emitter, document);
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
        return text.ToString();
    }

    private static void Emit(Emitter emitter, YamlValue value)
    {
        if (value.Items is { } items)
        {
            var style = items.Count == 0 ? SequenceStyle.Flow : SequenceStyle.Block;
            emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, isImplicit: true, style));
            foreach (var item in items)
            {
                Emit(emitter, item);
            }

            emitter.Emit(new SequenceEnd());
        }
        else if (value.Fields is { } fields)
        {
            emitter.Emit(new MappingStart(AnchorName.Empty, TagName.Empty, isImplicit: true, MappingStyle.Block));
            foreach (var (name, field) in fields)
            {
                emitter.Emit(ScalarOf(YamlValue.Of(name)));
                Emit(emitter, field);
            }

            emitter.Emit(new MappingEnd());
        }
        else
        {
            emitter.Emit(ScalarOf(value));
        }
    }

    private static Scalar ScalarOf(YamlValue value)
    {
        var text = value.Text!;
        var style =
            value.IsWord || PlainRegex().IsMatch(text) && !Reserved.Contains(text) ? ScalarStyle.Plain
            : BlockRegex().IsMatch(text) ? ScalarStyle.Literal
            : ScalarStyle.DoubleQuoted;
        return new Scalar(AnchorName.Empty, TagName.Empty, text, style, isPlainImplicit: true, isQuotedImplicit: true);
    }

    [GeneratedRegex(
        @"\A[A-Za-z/][A-Za-z0-9_./+=@,()-]*( [A-Za-z0-9_./+=@,()-]+)*\z",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture
    )]
    private static partial Regex PlainRegex();

    // Several lines of letters, digits, punctuation and single spaces; neither the first nor the last is empty.
    [GeneratedRegex(
        @"\A([\p{L}\p{N}!-/:-@\[-`{-~]+( [\p{L}\p{N}!-/:-@\[-`{-~]+)*\n+)+([\p{L}\p{N}!-/:-@\[-`{-~]+( [\p{L}\p{N}!-/:-@\[-`{-~]+)*\n?)?\z",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture
    )]
    private static partial Regex BlockRegex();
}
