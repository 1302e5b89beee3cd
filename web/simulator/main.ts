// Everything /simulator/ and the demo page need of the desk.
import './desk';
import './track';
import './weather';
