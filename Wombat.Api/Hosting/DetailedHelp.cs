using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Wombat.Api.Hosting;

/// <summary>
/// The standard help under the program's name <c>wombat</c>, followed by the details of the command and a note on settings.
/// </summary>
internal sealed class DetailedHelp(SynchronousCommandLineAction standard) : SynchronousCommandLineAction
{
    public static void Install(RootCommand root)
    {
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new DetailedHelp((SynchronousCommandLineAction)help.Action!);
    }

    public override int Invoke(ParseResult parseResult)
    {
        var output = parseResult.InvocationConfiguration.Output;
        using var text = new StringWriter();
        parseResult.InvocationConfiguration.Output = text;
        var code = standard.Invoke(parseResult);
        parseResult.InvocationConfiguration.Output = output;
        output.WriteLine(
            text.ToString()
                .Replace(RootCommand.ExecutableName, "wombat", StringComparison.Ordinal)
                .Replace("[options]", "[--SETTING VALUE]...", StringComparison.Ordinal)
                .TrimEnd()
        );
        if (parseResult.CommandResult.Command is DetailedCommand command)
        {
            output.WriteLine($"\n{command.Details}");
        }

        output.WriteLine($"\n{CommandTexts.Settings}");
        return code;
    }
}
