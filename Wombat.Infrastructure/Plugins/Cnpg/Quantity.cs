using System.Globalization;

namespace Wombat.Infrastructure.Plugins.Cnpg;

/// <summary>Quantities of Kubernetes, such as <c>512Mi</c>, <c>2Gi</c>, <c>500m</c> or <c>2</c>. Others are read as null.</summary>
internal static class Quantity
{
    public static int? Mebibytes(string text) =>
        text switch
        {
            [.. var number, 'M', 'i'] => Number(number),
            [.. var number, 'G', 'i'] => Number(number) * 1024,
            [.. var number, 'T', 'i'] => Number(number) * 1024 * 1024,
            _ => null,
        };

    public static string OfMebibytes(int number) => string.Create(CultureInfo.InvariantCulture, $"{number}Mi");

    public static int? Thousandths(string text) => text is [.. var number, 'm'] ? Number(number) : Number(text) * 1000;

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
