namespace MicroGrad.Net.Examples;

/// <summary>A few hundred common given names, in lower case, in no particular order.</summary>
public static class GivenNames
{
    /// <summary>The names.</summary>
    public static IReadOnlyList<string> All { get; } = Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    const string Text = """
        maria thomas sofia david anna michael emma daniel laura james sarah john elena peter julia paul alice robert
        lucia william nina joseph clara andrew eva martin irene simon helen george marta alexander diana stefan
        olivia lucas isabella samuel rosa benjamin victoria henry amelia jacob charlotte anton sophia oliver mia
        noah ella adam grace oscar chloe felix hannah leo lily max zoe hugo ruby theo ivy jonas stella emil aurora
        viktor luna erik hazel karl violet otto iris bruno jasmine marco rose luca daisy matteo flora enzo camille
        antonio elise carlos juliette pablo margot diego louise javier adele miguel celine rafael manon andres ines
        fernando lea ricardo noemie eduardo amandine manuel florence jorge pauline alberto mathilde sergio valerie
        francisco helene roberto nathalie claudio isabelle giovanni monique paolo sylvie lorenzo odette stefano
        colette fabio giselle angelo simone dario renata massimo bianca emilio chiara silvio francesca vincent
        giulia pierre martina louis alessia antoine serena mathieu paola nicolas federica julien silvia olivier
        beatrice etienne caterina gabriel ornella raphael lorena arthur valentina maurice carmen gaston dolores
        marcel pilar rene mercedes didier esperanza thierry raquel laurent marisol pascal esther bernard alba gerard
        nuria patrick blanca christian gloria sebastian ramona tobias leticia florian gabriela moritz adriana niklas
        daniela fabian patricia lukas veronica johannes andrea markus monica matthias carolina andreas cristina
        wolfgang susana dieter teresa jurgen angela heinrich barbara friedrich catherine wilhelm margaret konrad
        elizabeth leopold frances gustav dorothy albert evelyn walter eleanor werner josephine ernst harriet rudolf
        matilda hans beatrix klaus penelope uwe rosalind rolf cordelia sven ophelia bjorn miranda lars juliet nils
        portia magnus phoebe gunnar daphne olaf cassandra leif ariadne ivar helena sigurd selene einar thalia axel
        athena arvid electra mikkel leona soren freya anders ingrid kristian astrid henrik sigrid mathias solveig
        jesper karin rasmus greta frederik linnea mads annika kasper britta jens kirsten morten maren niels hilda
        tove dagny pavel katya ivan natasha dmitri olga sergei tatiana boris irina alexei svetlana nikolai galina
        mikhail ludmila yuri vera igor nadia oleg lydia vladimir sonya andrei marina roman yelena stanislav zoya
        tomas jana jan petra jiri lenka milan hana marek ivana radek zdenka josef eliska karel bozena vaclav jarmila
        piotr agnieszka krzysztof malgorzata adrian katarzyna jakub joanna mateusz zofia kamil ewa szymon magdalena
        filip halina wojciech danuta kenji yuki hiroshi sakura takeshi aiko akira satoshi emi ryo naomi daichi keiko
        haruto michiko kaito sumiko ravi priya arjun anjali rohan kavita vikram meera sanjay lakshmi amit sunita
        rahul divya anil deepa omar fatima hassan aisha ali layla khalid zainab yusuf maryam ibrahim amina tariq
        samira karim yasmin rashid nadira kofi ama kwame abena chidi ngozi emeka adaeze tunde folake sipho thandi
        themba nomsa liam ava mason harper ethan logan abigail jackson emily aiden madison carter scarlett wyatt
        nora owen riley dylan aubrey caleb hailey nathan paisley isaac skylar luke audrey ryan bella connor claire
        austin savannah cooper brooklyn evan leah chase allison tyler samantha blake natalie gavin kaylee cole
        autumn brody peyton ian faith sean hope colin joy neil april keith june craig sylvia glenn maxine bryce
        trudy wade nell clyde edna floyd myrtle
        """;
}
