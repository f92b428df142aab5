using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Wombat.Forge;

/// <summary>The files with which a container is created: its environment variables and its user data.</summary>
internal static partial class CreationFiles
{
    private const int MaxVariables = 100;
    private const int MaxEnvironmentBytes = 256 * 1024;
    private const int MaxUserDataBytes = 64 * 1024;

    public static readonly Option<Dictionary<string, string>?> Environment = new("--environment-file")
    {
        Description = "File with a JSON object of environment variables for the programs of the container (only lxc)",
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = ReadEnvironment,
    };

    public static readonly Option<string?> UserData = new("--user-data-file")
    {
        Description = "File with a script, beginning with #!, that runs once at the first start (only lxc)",
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = ReadUserData,
    };

    private static Dictionary<string, string>? ReadEnvironment(ArgumentResult result)
    {
        if (ReadText(result, "--environment-file", MaxEnvironmentBytes) is not { } text)
        {
            return null;
        }

        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            foreach (var (name, value) in JsonNode.Parse(text)!.AsObject())
            {
                variables[name] = value!.GetValue<string>();
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NullReferenceException or ArgumentException)
        {
            result.AddError("--environment-file: must be a JSON object of strings");
            return null;
        }

        // No value is repeated in a message: it may be secret.
        var wrong = variables.FirstOrDefault(v => !NameForm().IsMatch(v.Key) || v.Value.Any(char.IsControl) || v.Value.Trim() != v.Value);
        if (wrong.Key is not null)
        {
            result.AddError(
                $"--environment-file: '{wrong.Key}' must be of letters, digits and _, and its value without control characters and "
                    + "without blanks at its ends"
            );
        }
        else if (variables.Count > MaxVariables)
        {
            result.AddError($"--environment-file: must have at most {MaxVariables} variables");
        }

        return variables;
    }

    private static string? ReadUserData(ArgumentResult result)
    {
        var text = ReadText(result, "--user-data-file", MaxUserDataBytes);
        if (text is not null && (!text.StartsWith("#!", StringComparison.Ordinal) || text.Contains('\0', StringComparison.Ordinal)))
        {
            result.AddError("--user-data-file: must be a script that begins with #!");
        }

        return text;
    }

    private static string? ReadText(ArgumentResult result, string option, int max)
    {
        try
        {
            var file = new FileInfo(result.Tokens[0].Value);
            if (file.Length <= max)
            {
                return File.ReadAllText(file.FullName);
            }

            result.AddError($"{option}: must have at most {max} bytes");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            result.AddError($"{option}: cannot be read: {e.Message}");
        }

        return null;
    }

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_]{0,127}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NameForm();
}
