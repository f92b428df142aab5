namespace Wombat.Forge.Pve;
internal static class PveBackend { public static IBackend FromEnvironment() => throw new ForgeException(ExitCode.Usage, "not yet"); }
