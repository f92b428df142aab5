namespace Wombat.Migrations;

internal static class Program
{
    private static void Main() => Console.WriteLine("Run through dotnet-ef: make migration NAME=…");
}
