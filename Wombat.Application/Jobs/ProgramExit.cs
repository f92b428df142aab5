using Wombat.Domain.Common;

namespace Wombat.Application.Jobs;

/// <summary>What users are told about a program that did not succeed.</summary>
internal static class ProgramExit
{
    private const int ProgramMissing = 127;
    private const int SignalBase = 128;
    private const int SignalMax = 64;

    public static JobFailedException Failed(int code, string? meaning = null) =>
        new(ErrorCode.CommandFailed, $"The command exited with code {code}{meaning ?? Meaning(code)}.");

    public static JobFailedException TimedOut(int seconds) =>
        new(ErrorCode.CommandTimedOut, $"The command did not exit within {seconds} s and was ended.");

    private static string Meaning(int code) =>
        code switch
        {
            ProgramMissing => ": the program was not found",
            > SignalBase and <= SignalBase + SignalMax => $": signal {code - SignalBase} ended it",
            _ => "",
        };
}
