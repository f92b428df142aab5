using System.Text.RegularExpressions;

namespace Wombat.Domain.Commands;

/// <summary>
/// A value that each run of a command may set. The program gets it as an environment variable of its name, and where an argument holds
/// <c>{{name}}</c>. It never becomes shell text or a variable of make's command line.
/// </summary>
public sealed partial record CommandParameter
{
    public const int NameMax = 60;
    public const int DescriptionMax = 500;
    public const int PatternMax = 500;
    public const int ValuesMax = 100;

    /// <summary>The most characters of the id or name of a host or resource.</summary>
    public const int ReferenceMax = 100;

    /// <summary>The most bytes of a value; Linux allows 131,071 for one variable with its name.</summary>
    public const int ValueBytesMax = 100_000;

    /// <summary>The pattern of a string without its own: no shell syntax, no space, no leading dash.</summary>
    public const string DefaultPattern = "[A-Za-z0-9._/:@,+][A-Za-z0-9._/:@,+-]*";

    // Variables that change which code a program runs.
    private static readonly string[] ReservedNames =
    [
        "PATH",
        "HOME",
        "USER",
        "LOGNAME",
        "SHELL",
        "IFS",
        "ENV",
        "CDPATH",
        "PS4",
        "SHELLOPTS",
        "NODE_OPTIONS",
        "CLASSPATH",
        "JAVA_TOOL_OPTIONS",
        "GCONV_PATH",
        "TMPDIR",
        "EDITOR",
        "VISUAL",
        "PAGER",
    ];

    private static readonly string[] ReservedPrefixes =
    [
        "BASH",
        "LD_",
        "MAKE",
        "GNUMAKE",
        "GIT_",
        "PYTHON",
        "PERL",
        "RUBY",
        "DOTNET_",
        "WOMBAT_",
    ];

    /// <summary>Also the name of the environment variable.</summary>
    public string Name { get; init; } = "";

    public ParameterType Type { get; init; }

    /// <summary>The kind of a resource.</summary>
    public ParameterKind? Kind { get; init; }

    public string Description { get; init; } = "";

    /// <summary>Whether a run must give a value.</summary>
    public bool Required { get; init; }

    /// <summary>The value of a run that gives none; null for no variable.</summary>
    public string? Default { get; init; }

    /// <summary>A regular expression that the whole text must match; for strings and secrets. Null for <see cref="DefaultPattern"/>;
    /// a secret without a pattern may be any text.</summary>
    public string? Pattern { get; init; }

    /// <summary>The smallest integer.</summary>
    public long? Min { get; init; }

    /// <summary>The largest integer.</summary>
    public long? Max { get; init; }

    /// <summary>The values of an enum.</summary>
    public IReadOnlyList<string> Values { get; init; } = [];

    /// <summary>Whether a value names something else in Wombat.</summary>
    public bool IsReference => Type is ParameterType.Host or ParameterType.Resource;

    /// <summary>Whether the name is that of a variable which programs do not take as code or as a path of code.</summary>
    public static bool IsName(string name) =>
        NameRegex().IsMatch(name)
        && !ReservedNames.Contains(name, StringComparer.Ordinal)
        && !ReservedPrefixes.Any(p => name.StartsWith(p, StringComparison.Ordinal));

    [GeneratedRegex(
        @"^[A-Za-z_][A-Za-z0-9_]{0,59}\z",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture
    )]
    private static partial Regex NameRegex();
}
